"""Resolves the times that clients give, absolute or relative, to instants."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import InvalidTimeError
from .instant import truncate_to_ms

if TYPE_CHECKING:
    from datetime import datetime


def resolve_time(now: datetime, at: datetime | None, after: timedelta | None = None) -> datetime:
    """Returns the instant `at`, or else the instant this long after `now`. Without both, returns `now`.

    Raises:
        InvalidTimeError: The instant is outside the years 1 to 9999.
    """
    try:
        return truncate_to_ms(at if at is not None else now + (after or timedelta(0)))
    except OverflowError as error:
        raise InvalidTimeError(str(at or after), "is outside the years 1 to 9999, in UTC") from error
