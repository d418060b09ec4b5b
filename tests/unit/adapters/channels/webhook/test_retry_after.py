from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from postdate.adapters.channels.webhook.retry_after import MAX_RETRY_AFTER, parse_retry_after

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 120 ", 120),
        ("Tue, 24 Nov 2026 12:00:30 GMT", 30),
        ("Tuesday, 24-Nov-26 12:01:00 GMT", 60),
        ("Tue Nov 24 12:00:05 2026", 5),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0),
        ("Tue, 24 Nov 2026 14:00:10 +0200", 10),
        ("9" * 12, MAX_RETRY_AFTER.total_seconds()),
        ("9" * 5_000, MAX_RETRY_AFTER.total_seconds()),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER.total_seconds()),
    ],
)
def test_a_number_of_seconds_or_a_date_is_parsed(text: str, seconds: float) -> None:
    assert parse_retry_after(text, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", [None, "", "soon", "-5", "1.5", "٣", "24 Nov", "Tue, 99 Nov 2026 12:00:00 GMT", "1e3"]
)
def test_an_invalid_value_is_no_wait(text: str | None) -> None:
    assert parse_retry_after(text, NOW) is None
