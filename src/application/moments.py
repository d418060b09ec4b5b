"""The moments that clients mean."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..domain.errors import InvalidTimeError
from ..domain.instant import whole_ms

if TYPE_CHECKING:
    from datetime import datetime


def moment_from(now: datetime, at: datetime | None, after: timedelta | None = None) -> datetime:
    """Returns a moment that is given, or else the one so long from now: now itself where neither is given.

    Raises:
        InvalidTimeError: it lies outside the years 1 to 9999.
    """
    try:
        return whole_ms(at if at is not None else now + (after or timedelta(0)))
    except OverflowError as error:
        raise InvalidTimeError(str(at or after), "lies outside the years 1 to 9999, in UTC") from error
