"""The common part of the middlewares for ASGI and WSGI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from .errors import BodyTooLargeError
from .signature import TOLERANCE, verify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from .deliveries import Deliveries

App = TypeVar("App")
MAX_BODY_BYTES = 1_048_576


class Guard(Generic[App]):
    """Verifies webhooks before an application sees them."""

    def __init__(  # noqa: PLR0913 - frameworks pass the options by name
        self,
        app: App,
        secrets: str | Sequence[str],
        deliveries: Deliveries | None = None,
        *,
        path: str = "",
        tolerance: timedelta = TOLERANCE,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        """Guards an application.

        Args:
            app: The application.
            secrets: The signing secrets `whsec_…`, comma-separated or as a sequence; any of them may verify.
            deliveries: Remembers which messages were handled; `None`: repetitions reach the application too.
            path: Only paths that begin with this text are guarded; by default, all paths.
            tolerance: The maximum age of a signature, and the maximum time in the future.
            max_body_bytes: The maximum length of a body.
        """
        self._app = app
        self._secrets = secrets
        self._deliveries = deliveries
        self._path = path
        self._tolerance = tolerance
        self._max_body_bytes = max_body_bytes

    def _verified(self, headers: Mapping[str, str], body: bytes) -> str:
        """Returns the id of a genuine and fresh message. It raises the errors of `verify`."""
        return verify(headers, body, self._secrets, tolerance=self._tolerance)

    def _require_size(self, size_bytes: int) -> None:
        """Checks the length of a body.

        Raises:
            BodyTooLargeError: The body is longer than the maximum.
        """
        if size_bytes > self._max_body_bytes:
            raise BodyTooLargeError(f"the body is longer than {self._max_body_bytes} bytes")
