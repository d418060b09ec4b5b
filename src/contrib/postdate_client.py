"""A client of Postdate's HTTP API, as small as what `contrib` needs of it."""

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

ANSWERS_WITHIN_SECONDS = 10.0
_SHOWN_CHARS = 500


class PostdateRefusedError(Exception):
    """Postdate answered that it will not take the message; or the message cannot be written as JSON."""


class PostdateUnavailableError(ConnectionError):
    """Postdate did not answer, or only that it cannot serve now. It may have the message or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostdateClient:
    """Where Postdate is.

    Attributes:
        url: its address, http or https.
        api_key: the secret of one of its keys that may write; empty where it has none.
        fallback: whether what it does not take goes the way that it would go without Postdate.
    """

    url: str
    api_key: str = ""
    fallback: bool = False

    @classmethod
    def from_environment(cls) -> PostdateClient:
        """Returns the one that `POSTDATE_URL`, `POSTDATE_API_KEY` and `POSTDATE_FALLBACK` describe."""
        return cls(
            url=os.environ.get("POSTDATE_URL") or "http://127.0.0.1:3000",
            api_key=os.environ.get("POSTDATE_API_KEY", ""),
            fallback=os.environ.get("POSTDATE_FALLBACK", "") in {"1", "true", "yes"},
        )

    def schedule(self, document: bytes, key: str) -> None:
        """Schedules a message; once it returns, Postdate has it.

        Args:
            document: what `POST /v1/messages` takes.
            key: names the message, for an instance that knows idempotency keys.

        Raises:
            PostdateRefusedError: Postdate will not have it.
            PostdateUnavailableError: it is not there.
        """
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        try:
            status, answer = self._post(document, headers)
        except (OSError, HTTPException) as error:
            raise PostdateUnavailableError(f"Postdate does not answer at {self.url}: {error}") from error
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PostdateUnavailableError(f"Postdate at {self.url} answered {status}: {answer}")
        if status not in {HTTPStatus.CREATED, HTTPStatus.OK}:
            raise PostdateRefusedError(f"Postdate at {self.url} answered {status}: {answer}")

    def _post(self, document: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=ANSWERS_WITHIN_SECONDS)
        try:
            connection.request("POST", f"{parts.path.rstrip('/')}/v1/messages", document, dict(headers))
            answer = connection.getresponse()
            return answer.status, _detail(answer.read())
        finally:
            connection.close()


def _detail(content: bytes) -> str:
    try:
        return str(json.loads(content)["detail"])
    except (ValueError, KeyError, TypeError):
        return content[:_SHOWN_CHARS].decode(errors="replace")
