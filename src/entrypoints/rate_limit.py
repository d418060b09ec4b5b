"""How many requests a key may send: a bucket of tokens for each, in this process's memory."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_FORM = re.compile(r"([1-9][0-9]{0,8})/(s|m|h)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """So many requests in so many seconds; as many may come at once."""

    requests: int
    seconds: int


def parse_rate_limit(text: str) -> RateLimit:
    """Reads `100/s`, `600/m` or `10000/h`.

    Raises:
        ValueError: it is of another form.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        msg = f"is {text!r}, which is no rate such as 100/s, 600/m or 10000/h"
        raise ValueError(msg)
    return RateLimit(requests=int(match[1]), seconds=_SECONDS[match[2]])


class RateLimiter:
    """Counts requests by the name of their key. Names are those of the configuration, so they are few."""

    def __init__(self, limit: RateLimit, monotonic: Callable[[], float]) -> None:
        """Goes by a clock of seconds that never goes back."""
        self._most = float(limit.requests)
        self._per_second = limit.requests / limit.seconds
        self._monotonic = monotonic
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_for(self, name: str) -> int:
        """Takes a token; returns 0, or after how many seconds there will be one."""
        now = self._monotonic()
        tokens, filled_at = self._buckets.get(name, (self._most, now))
        tokens = min(self._most, tokens + (now - filled_at) * self._per_second)
        if tokens < 1:
            self._buckets[name] = (tokens, now)
            return math.ceil((1 - tokens) / self._per_second)
        self._buckets[name] = (tokens - 1, now)
        return 0
