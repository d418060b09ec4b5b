"""What a cron reader promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate, repeat
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from postdate.domain.errors import InvalidCronError, UnknownTimezoneError

if TYPE_CHECKING:
    from postdate.application.ports.cron_reader import CronReader

SEASONS = {
    # time zone: the day before its clocks go forward, and the day before they go back
    "Europe/Kyiv": ("2026-03-28", "2026-10-24"),
    "Australia/Lord_Howe": ("2026-10-03", "2026-04-04"),  # by half an hour
    "America/New_York": ("2026-03-07", "2026-10-31"),
    "America/Sao_Paulo": ("2018-11-03", "2018-02-17"),  # at midnight
    "Asia/Tehran": ("2022-03-21", "2022-09-21"),  # at midnight
    "Africa/Casablanca": ("2026-03-21", "2026-02-14"),  # for Ramadan
    "Europe/Dublin": (
        "2026-03-28",
        "2026-10-24",
    ),  # whose standard time is in summer by the IANA database
}


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


class CronReaderContract:
    """Wants a fixture `reader: CronReader`."""

    def occurrences(self, reader: CronReader, cron: str, zone: str, start: datetime, count: int) -> list[str]:
        """Returns the first `count` occurrences after `start`, as local times."""
        recurrence = reader.read(cron, zone)
        found, time = [], start
        for _ in range(count):
            after = recurrence.next_after(time)
            assert after is not None
            assert after > time
            found.append(after.astimezone(ZoneInfo(zone)).isoformat())
            time = after
        return found

    @pytest.mark.parametrize(
        ("zone", "start", "cron", "expected"),
        [
            ("Europe/Kyiv", "2026-03-28T12:00", "30 3 * * *", ["29T04:00:00+03:00", "30T03:30:00+03:00"]),
            ("Europe/Kyiv", "2026-03-28T12:00", "15,45 3 * * *", ["29T04:00:00+03:00", "30T03:15:00+03:00"]),
            ("Europe/Kyiv", "2026-03-28T12:00", "30 3,4 * * *", ["29T04:00:00+03:00", "29T04:30:00+03:00"]),
            ("Europe/Kyiv", "2026-03-28T12:00", "0 3,4 * * *", ["29T04:00:00+03:00", "30T03:00:00+03:00"]),
            ("Europe/Kyiv", "2026-10-24T12:00", "30 3 * * *", ["25T03:30:00+03:00", "26T03:30:00+02:00"]),
            ("Europe/Kyiv", "2026-10-24T12:00", "59 59 3 * * *", ["25T03:59:59+03:00", "26T03:59:59+02:00"]),
            ("Europe/Kyiv", "2026-10-24T12:00", "0 4 * * *", ["25T04:00:00+02:00", "26T04:00:00+02:00"]),
            ("Australia/Lord_Howe", "2026-10-03T12:00", "15 2 * * *", ["04T02:30:00+11:00", "05T02:15:00+11:00"]),
            ("Australia/Lord_Howe", "2026-04-04T12:00", "45 1 * * *", ["05T01:45:00+11:00", "06T01:45:00+10:30"]),
            ("America/New_York", "2026-03-07T12:00", "30 2 * * *", ["08T03:00:00-04:00", "09T02:30:00-04:00"]),
            ("America/New_York", "2026-10-31T12:00", "30 1 * * *", ["01T01:30:00-04:00", "02T01:30:00-05:00"]),
            ("America/Sao_Paulo", "2018-11-03T12:00", "0 0 * * *", ["04T01:00:00-02:00", "05T00:00:00-02:00"]),
            ("America/Sao_Paulo", "2018-02-17T12:00", "30 23 * * *", ["17T23:30:00-02:00", "18T23:30:00-03:00"]),
            ("Asia/Tehran", "2022-03-21T12:00", "30 0 * * *", ["22T01:00:00+04:30", "23T00:30:00+04:30"]),
            ("Asia/Tehran", "2022-09-21T12:00", "30 23 * * *", ["21T23:30:00+04:30", "22T23:30:00+03:30"]),
            ("Africa/Casablanca", "2026-03-21T12:00", "30 2 * * *", ["22T03:00:00+01:00", "23T02:30:00+01:00"]),
            ("Pacific/Apia", "2011-12-29T12:00", "0 9 * * *", ["31T00:00:00+14:00", "31T09:00:00+14:00"]),
        ],
    )
    def test_a_fixed_time_occurs_once_a_day_after_a_gap_and_first_in_a_fold(
        self, reader: CronReader, zone: str, start: str, cron: str, expected: list[str]
    ) -> None:
        found = self.occurrences(reader, cron, zone, local(start, zone), len(expected))
        assert [text[len("2026-03-") :] for text in found] == expected

    @pytest.mark.parametrize("cron", ["*/30 * * * *", "0 */30 * * * *"])
    @pytest.mark.parametrize("zone", SEASONS)
    def test_a_step_keeps_real_time_through_every_change(self, reader: CronReader, zone: str, cron: str) -> None:
        for day in SEASONS[zone]:
            start = local(f"{day}T12:00", zone).astimezone(UTC)
            expected = list(accumulate(repeat(timedelta(minutes=30), 60), initial=start))[1:]
            found = self.occurrences(reader, cron, zone, start, 60)
            assert [datetime.fromisoformat(text) for text in found] == expected

    @pytest.mark.parametrize("zone", SEASONS)
    def test_every_second_occurs_through_every_clock_change(self, reader: CronReader, zone: str) -> None:
        recurrence = reader.read("* * * * * *", zone)
        for day in SEASONS[zone]:
            start = local(f"{day}T12:00", zone).astimezone(UTC)
            for quarter in range(96):
                time = start + quarter * timedelta(minutes=15)
                assert recurrence.next_after(time - timedelta(milliseconds=1)) == time
                assert recurrence.next_after(time) == time + timedelta(seconds=1)

    @pytest.mark.parametrize(
        ("start", "cron", "expected"),
        [
            # A skipped hour has no quarter past; a repeated hour has two.
            ("2026-03-29T01:00", "15 * * * *", ["01:15:00+02:00", "02:15:00+02:00", "04:15:00+03:00"]),
            ("2026-03-29T01:00", "*/30 3 * * *", ["03:00:00+03:00", "03:30:00+03:00"]),
            ("2026-10-25T02:00", "15 * * * *", ["02:15:00+03:00", "03:15:00+03:00", "03:15:00+02:00"]),
            ("2026-10-25T02:00", "*/30 3 * * *", ["03:00:00+03:00", "03:30:00+03:00", "03:00:00+02:00"]),
        ],
    )
    def test_an_expression_with_open_hours_or_minutes_follows_the_clocks(
        self, reader: CronReader, start: str, cron: str, expected: list[str]
    ) -> None:
        found = self.occurrences(reader, cron, "Europe/Kyiv", local(start, "Europe/Kyiv"), len(expected))
        assert [text[len("2026-03-29T") :] for text in found] == expected

    def test_several_seconds_within_a_gap_are_one_occurrence(self, reader: CronReader) -> None:
        start = local("2026-03-28T12:00", "Europe/Kyiv")
        found = self.occurrences(reader, "*/20 59 3 * * *", "Europe/Kyiv", start, 2)
        assert found == ["2026-03-29T04:00:00+03:00", "2026-03-30T03:59:00+03:00"]

    def test_the_first_of_six_fields_is_seconds(self, reader: CronReader) -> None:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        found = self.occurrences(reader, "10,40 30 9 * * 1-5", "UTC", start, 3)
        assert [text[8:19] for text in found] == ["01T09:30:10", "01T09:30:40", "02T09:30:10"]

    def test_five_fields_occur_at_second_zero(self, reader: CronReader) -> None:
        start = datetime(2026, 1, 1, 8, 59, 59, 999_999, tzinfo=UTC)
        assert self.occurrences(reader, "* 9 * * *", "UTC", start, 1) == ["2026-01-01T09:00:00+00:00"]

    def test_a_day_that_matches_either_restricted_field_matches(self, reader: CronReader) -> None:
        start = datetime(2026, 1, 1, 12, tzinfo=UTC)  # a Thursday
        found = self.occurrences(reader, "0 0 13 * FRI", "UTC", start, 3)
        assert [text[:10] for text in found] == ["2026-01-02", "2026-01-09", "2026-01-13"]

    @pytest.mark.parametrize(
        ("cron", "expected"),
        [
            ("0 0 L * *", ["2026-01-31", "2026-02-28"]),
            ("0 0 * * 5L", ["2026-01-30", "2026-02-27"]),
            ("0 0 * * 5#2", ["2026-01-09", "2026-02-13"]),
            ("0 0 * * MON", ["2026-01-05", "2026-01-12"]),
            ("0 0 * * 7", ["2026-01-04", "2026-01-11"]),
            ("0 0 * * 0", ["2026-01-04", "2026-01-11"]),
            ("0 0 1 JAN,MAR *", ["2026-03-01", "2027-01-01"]),
            ("0 0 1-30/15 * *", ["2026-01-16", "2026-02-01"]),
        ],
    )
    def test_days_can_be_written_in_many_ways(self, reader: CronReader, cron: str, expected: list[str]) -> None:
        found = self.occurrences(reader, cron, "UTC", datetime(2026, 1, 1, 12, tzinfo=UTC), 2)
        assert [text[:10] for text in found] == expected

    def test_a_leap_day_occurs_in_the_next_leap_year(self, reader: CronReader) -> None:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        assert self.occurrences(reader, "0 0 29 2 *", "Europe/Kyiv", start, 1) == ["2028-02-29T00:00:00+02:00"]

    @pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
    def test_nothing_occurs_after_the_year_9999(self, reader: CronReader, zone: str) -> None:
        end = datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC)
        assert reader.read("* * * * *", zone).next_after(end) is None
        assert reader.read("0 9 * * *", zone).next_after(end) is None

    @pytest.mark.parametrize(
        ("cron", "reason"),
        [
            ("", "five or six fields"),
            ("* * * *", "five or six fields"),
            ("0 0 0 * * * *", "five or six fields"),
            ("60 * * * *", "invalid minute"),
            ("60 * * * * *", "invalid second"),
            ("0 24 * * *", "invalid hour"),
            ("0 0 32 * *", "invalid day of month"),
            ("0 0 * 13 *", "invalid month"),
            ("0 0 * * 8", "invalid day of week"),
            ("0 0 * * 5L/2", "invalid day of week"),
            ("*/0 * * * *", "invalid minute"),
            ("5-1 * * * *", "invalid minute"),
            ("-1 * * * *", "invalid minute"),
            ("\N{SUPERSCRIPT TWO} * * * *", "more than 200 characters, or some that are not ASCII"),
            ("0 0 30 2 *", "never occurs"),
            ("0 0 31 4,6 *", "never occurs"),
            ("0 " * 500, "more than 200 characters, or some that are not ASCII"),
        ],
    )
    def test_an_invalid_expression_is_refused_with_the_reason(
        self, reader: CronReader, cron: str, reason: str
    ) -> None:
        with pytest.raises(InvalidCronError, match=reason):
            reader.read(cron, "UTC")

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "", "/etc/passwd", "../UTC", "Europe", "\0", "x" * 1000])
    def test_an_unknown_time_zone_is_refused(self, reader: CronReader, zone: str) -> None:
        with pytest.raises(UnknownTimezoneError):
            reader.read("* * * * *", zone)
