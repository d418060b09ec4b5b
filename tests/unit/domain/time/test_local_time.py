from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.domain.errors import InvalidTimeError, UnknownTimezoneError
from postdate.domain.time.instant import to_rfc3339
from postdate.domain.time.local_time import LocalTime

ZONES = ("Europe/Kyiv", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "UTC")


@pytest.mark.parametrize(
    ("local", "timezone", "instant"),
    [
        ("2027-03-27T02:30", "Europe/Kyiv", "2027-03-27T00:30:00.000Z"),
        ("2027-03-28T02:59:59.999", "Europe/Kyiv", "2027-03-28T00:59:59.999Z"),
        ("2027-03-28T03:00", "Europe/Kyiv", "2027-03-28T01:00:00.000Z"),
        ("2027-03-28T03:30", "Europe/Kyiv", "2027-03-28T01:00:00.000Z"),
        ("2027-03-28T03:59:59.999", "Europe/Kyiv", "2027-03-28T01:00:00.000Z"),
        ("2027-03-28T04:00", "Europe/Kyiv", "2027-03-28T01:00:00.000Z"),
        ("2027-03-28T04:00:00.001", "Europe/Kyiv", "2027-03-28T01:00:00.001Z"),
        ("2027-10-31T03:30", "Europe/Kyiv", "2027-10-31T00:30:00.000Z"),
        ("2027-10-31T04:00", "Europe/Kyiv", "2027-10-31T02:00:00.000Z"),
        ("2027-10-03T02:15", "Australia/Lord_Howe", "2027-10-02T15:30:00.000Z"),
        ("2011-12-30T12:00", "Pacific/Apia", "2011-12-30T10:00:00.000Z"),
        ("2027-06-01T12:00:00.5", "UTC", "2027-06-01T12:00:00.500Z"),
    ],
)
def test_a_local_time_means_an_instant(local: str, timezone: str, instant: str) -> None:
    assert to_rfc3339(LocalTime(local=local, timezone=timezone).to_instant()) == instant


@given(time=st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), timezone=st.sampled_from(ZONES))  # noqa: DTZ001  # local times
def test_the_clocks_show_the_local_time_at_its_instant_or_the_first_one_after_a_gap(
    time: datetime, timezone: str
) -> None:
    wall, zone = time.replace(microsecond=0), ZoneInfo(timezone)
    found = LocalTime(local=wall.isoformat(), timezone=timezone).to_instant()
    shown = found.astimezone(zone)
    if shown.replace(tzinfo=None) == wall:
        assert shown.fold == 0
    else:
        before = (found - timedelta(milliseconds=1)).astimezone(zone).replace(tzinfo=None)
        assert before < wall < shown.replace(tzinfo=None)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "local",
    [
        *("", "2027-03-28", "2027-03-28T02", "2027-03-28 02:30", "2027-02-30T00:00", "2027-01-01T24:00"),
        *(
            "2027-01-01T00:00Z",
            "2027-01-01T00:00+02:00",
            "0000-01-01T00:00",
            "2027-01-01T00:00:00.0001",
            "x" * 9999,
        ),
        "\u0662\u0660\u0662\u0667-01-01T00:00",
    ],
)
def test_a_malformed_local_time_is_refused(local: str) -> None:
    with pytest.raises(InvalidTimeError):
        LocalTime(local=local, timezone="Europe/Kyiv").to_instant()


@pytest.mark.parametrize(
    ("local", "timezone"), [("0001-01-01T00:00", "Asia/Tokyo"), ("9999-12-31T23:59", "Etc/GMT+12")]
)
def test_a_local_time_outside_the_years_1_to_9999_in_utc_is_refused(local: str, timezone: str) -> None:
    with pytest.raises(InvalidTimeError, match="years 1 to 9999"):
        LocalTime(local=local, timezone=timezone).to_instant()


@pytest.mark.parametrize(
    "timezone",
    ["", "Mars/Olympus", "Europe", "../etc/passwd", "/etc/passwd", "\0", "Europe/Kyiv\0", "x" * 9999, "."],
)
def test_an_unknown_zone_is_refused(timezone: str) -> None:
    with pytest.raises(UnknownTimezoneError):
        LocalTime(local="2027-03-28T02:30", timezone=timezone).to_instant()
