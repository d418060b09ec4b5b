"""What the middlewares for ASGI and for WSGI have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from .errors import BodyTooLargeError
from .signature import TOLERANCE, verify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from .deliveries import Deliveries

App = TypeVar("App")
MAX_BYTES = 1_048_576


class Guard(Generic[App]):
    """Stands before an application, and knows what it lets through."""

    def __init__(  # noqa: PLR0913 - frameworks pass options by name
        self,
        app: App,
        secrets: str | Sequence[str],
        deliveries: Deliveries | None = None,
        *,
        path: str = "",
        tolerance: timedelta = TOLERANCE,
        most_bytes: int = MAX_BYTES,
    ) -> None:
        """Guards the paths of an application that begin with `path`; bodies of up to so many bytes are taken."""
        self._app = app
        self._secrets = secrets
        self._deliveries = deliveries
        self._path = path
        self._tolerance = tolerance
        self._most_bytes = most_bytes

    def _verified(self, headers: Mapping[str, str], body: bytes) -> str:
        """Returns the id of a message that is genuine and fresh; raises as `verify` does."""
        return verify(headers, body, self._secrets, tolerance=self._tolerance)

    def _require_room(self, size_bytes: int) -> None:
        """Refuses a body that is too long.

        Raises:
            BodyTooLargeError: it is.
        """
        if size_bytes > self._most_bytes:
            raise BodyTooLargeError(f"the body is longer than {self._most_bytes} bytes")
