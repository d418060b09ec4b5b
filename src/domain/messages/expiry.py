"""The rule that a message expires no earlier than its time, and the error of breaking it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import PostdateError
from ..time.instant import to_rfc3339

if TYPE_CHECKING:
    from datetime import datetime


class ExpiresTooEarlyError(PostdateError):
    """A message would expire before its time, so it could never be delivered.

    Attributes:
        at: The message's time.
        expires_at: When the message would expire.
    """

    def __init__(self, at: datetime, expires_at: datetime) -> None:
        super().__init__(
            f"the message would expire at {to_rfc3339(expires_at)}, before its time, {to_rfc3339(at)}"
        )
        self.at = at
        self.expires_at = expires_at


def require_expiry_after(at: datetime, expires_at: datetime) -> None:
    """Refuses an expiry before the time of delivery.

    Raises:
        ExpiresTooEarlyError: The expiry is before the time of delivery.
    """
    if expires_at < at:
        raise ExpiresTooEarlyError(at, expires_at)
