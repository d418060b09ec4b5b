from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.domain.time.instant import LATEST, from_ms, instant_after, to_ms, to_rfc3339, truncate_to_ms

INSTANT = datetime(2026, 12, 24, 17, 0, 0, 123456, tzinfo=UTC)
instants = st.datetimes(timezones=st.just(UTC))


def test_an_instant_is_whole_milliseconds_rounded_down() -> None:
    assert to_ms(INSTANT) == 1_798_131_600_123
    assert truncate_to_ms(INSTANT) == INSTANT.replace(microsecond=123000)


def test_an_instant_before_1970_is_rounded_down_too() -> None:
    assert to_ms(datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)) == -1


def test_an_instant_of_another_zone_becomes_utc() -> None:
    there = datetime(2026, 12, 24, 18, tzinfo=timezone(timedelta(hours=1)))
    assert truncate_to_ms(there).isoformat() == "2026-12-24T17:00:00+00:00"


@given(instant=instants)
def test_every_instant_is_restored_from_its_milliseconds(instant: datetime) -> None:
    assert timedelta(0) <= instant - from_ms(to_ms(instant)) < timedelta(milliseconds=1)
    assert to_ms(from_ms(to_ms(instant))) == to_ms(instant)


@given(instant=instants)
def test_an_instant_in_utc_is_rounded_as_its_milliseconds_are(instant: datetime) -> None:
    assert truncate_to_ms(instant) == from_ms(to_ms(instant))
    assert truncate_to_ms(truncate_to_ms(instant)) == truncate_to_ms(instant)


@pytest.mark.parametrize("ms", [253_402_300_800_000, -62_135_596_800_001, 10**30])
def test_an_instant_outside_the_years_1_to_9999_is_refused(ms: int) -> None:
    with pytest.raises(OverflowError):
        from_ms(ms)


def test_an_instant_is_formatted_in_utc_with_milliseconds() -> None:
    there = datetime(2026, 12, 24, 18, tzinfo=timezone(timedelta(hours=1)))
    assert to_rfc3339(there) == "2026-12-24T17:00:00.000Z"
    assert to_rfc3339(INSTANT) == "2026-12-24T17:00:00.123Z"


@given(instant=instants, wait=st.timedeltas())
def test_the_instant_after_a_wait_is_neither_earlier_nor_after_the_latest(
    instant: datetime, wait: timedelta
) -> None:
    assert to_ms(instant) <= to_ms(instant_after(instant, wait)) <= to_ms(LATEST)


def test_the_instant_after_a_wait_is_later_by_that_wait() -> None:
    assert instant_after(INSTANT, timedelta(seconds=1.5)) == truncate_to_ms(INSTANT + timedelta(seconds=1.5))
