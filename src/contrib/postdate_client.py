"""A minimal client of Postdate's HTTP API, with the one call that `contrib` needs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_SECONDS = 10.0
_MAX_SHOWN_CHARS = 500


class PostdateRefusedError(Exception):
    """Postdate does not accept the message, or the message cannot be written as JSON."""


class PostdateUnavailableError(ConnectionError):
    """Postdate did not answer, or answered that it cannot serve now. It may or may not have stored the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostdateClient:
    """Schedules messages at one Postdate.

    Attributes:
        url: The address of Postdate, http or https.
        api_key: The secret of an API key that may write; empty if Postdate has no keys.
        fallback: Whether a task that Postdate does not accept goes to the broker instead.
    """

    url: str
    api_key: str = ""
    fallback: bool = False

    @classmethod
    def from_environment(cls) -> PostdateClient:
        """Returns a client with the settings in `POSTDATE_URL`, `POSTDATE_API_KEY` and `POSTDATE_FALLBACK`."""
        return cls(
            url=os.environ.get("POSTDATE_URL") or "http://127.0.0.1:3000",
            api_key=os.environ.get("POSTDATE_API_KEY", ""),
            fallback=os.environ.get("POSTDATE_FALLBACK", "") in {"1", "true", "yes"},
        )

    def schedule(self, document: bytes, key: str) -> None:
        """Schedules a message. When this returns, Postdate has stored it.

        Args:
            document: The JSON body of `POST /v1/messages`.
            key: The idempotency key of the message: a repeated call with the same key schedules nothing new.

        Raises:
            PostdateRefusedError: Postdate does not accept the message.
            PostdateUnavailableError: Postdate does not answer, or answers with 5xx.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        try:
            status, detail = self._post(document, headers)
        except (OSError, HTTPException) as error:
            raise PostdateUnavailableError(f"Postdate does not answer at {self.url}: {error}") from error
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PostdateUnavailableError(f"Postdate at {self.url} answered {status}: {detail}")
        if status not in {HTTPStatus.CREATED, HTTPStatus.OK}:
            raise PostdateRefusedError(f"Postdate at {self.url} answered {status}: {detail}")

    def _post(self, document: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        parts = urlsplit(self.url)
        connection_class = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = connection_class(parts.hostname or "127.0.0.1", parts.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", f"{parts.path.rstrip('/')}/v1/messages", document, dict(headers))
            response = connection.getresponse()
            return response.status, _detail(response.read())
        finally:
            connection.close()


def _detail(content: bytes) -> str:
    try:
        return str(json.loads(content)["detail"])
    except (ValueError, KeyError, TypeError):
        return content[:_MAX_SHOWN_CHARS].decode(errors="replace")
