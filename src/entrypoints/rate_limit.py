"""Limits the requests of each API key by a token bucket, in this process's memory."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PATTERN = re.compile(r"([1-9][0-9]{0,8})/(s|m|h)", re.ASCII)
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A number of requests per number of seconds. All of these requests may come at the same time."""

    requests: int
    seconds: int


def parse_rate_limit(text: str) -> RateLimit:
    """Parses a rate such as `100/s`, `600/m` or `10000/h`.

    Raises:
        ValueError: The text has another form.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        msg = f"is {text!r}, which is not a rate such as 100/s, 600/m or 10000/h"
        raise ValueError(msg)
    return RateLimit(requests=int(match[1]), seconds=_UNIT_SECONDS[match[2]])


class RateLimiter:
    """Holds a token bucket for the name of each API key. Names come from the configuration, so they are few."""

    def __init__(self, limit: RateLimit, monotonic: Callable[[], float]) -> None:
        """Creates a limiter whose buckets are full.

        Args:
            limit: The capacity of each bucket, and the rate at which it refills.
            monotonic: Returns the seconds of a clock that never goes back.
        """
        self._capacity = float(limit.requests)
        self._per_second = limit.requests / limit.seconds
        self._monotonic = monotonic
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_for(self, name: str) -> int:
        """Takes a token from the bucket of a name and returns 0.

        If the bucket is empty, returns after how many seconds it has a token.
        """
        now = self._monotonic()
        tokens, filled_at = self._buckets.get(name, (self._capacity, now))
        tokens = min(self._capacity, tokens + (now - filled_at) * self._per_second)
        if tokens < 1:
            self._buckets[name] = (tokens, now)
            return math.ceil((1 - tokens) / self._per_second)
        self._buckets[name] = (tokens - 1, now)
        return 0
