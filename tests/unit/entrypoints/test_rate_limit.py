from __future__ import annotations

from datetime import timedelta

import pytest

from postdate.adapters.memory.clock import ManualClock
from postdate.entrypoints.rate_limit import RateLimit, RateLimiter, parse_rate_limit


@pytest.mark.parametrize(
    ("text", "requests", "seconds"), [("100/s", 100, 1), ("6/m", 6, 60), ("10000/h", 10000, 3600)]
)
def test_a_rate_is_parsed(text: str, requests: int, seconds: int) -> None:
    assert parse_rate_limit(text) == RateLimit(requests=requests, seconds=seconds)


@pytest.mark.parametrize("text", ["", "100", "0/s", "-1/s", "1.5/s", "1/d", "1/s ", "\u0661/s", "1" * 10 + "/s"])
def test_a_malformed_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        parse_rate_limit(text)


def test_a_bucket_refills_with_time_up_to_its_capacity() -> None:
    clock = ManualClock()
    limiter = RateLimiter(RateLimit(requests=2, seconds=60), clock.monotonic)
    assert [limiter.wait_for("a") for _ in range(3)] == [0, 0, 30]
    assert limiter.wait_for("b") == 0
    clock.advance(timedelta(seconds=29))
    assert limiter.wait_for("a") == 1
    clock.advance(timedelta(seconds=1))
    assert [limiter.wait_for("a") for _ in range(2)] == [0, 30]
    clock.advance(timedelta(hours=1))
    assert [limiter.wait_for("a") for _ in range(3)] == [0, 0, 30]
