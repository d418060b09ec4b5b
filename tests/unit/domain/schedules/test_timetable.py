from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.domain.ids import ScheduleId
from postdate.domain.schedules.schedule import Missed, Schedule, Template
from postdate.domain.schedules.timetable import Timetable, begin_by, due_of
from postdate.domain.time.recurrence import Recurrence

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MS = timedelta(milliseconds=1)
SCHEDULE = Schedule(
    id=ScheduleId("it"), template=Template(body=b"1"), cron="", timezone="UTC", created_at=START, next_at=START
)


@dataclass(frozen=True)
class Every:
    """A pattern that comes true every so many seconds."""

    seconds: int
    keeps_real_time: bool = True

    def next_after(self, local: datetime) -> datetime:
        period = timedelta(seconds=self.seconds)
        start = START.replace(tzinfo=None)
        return start + ((local - start) // period + 1) * period


def every(seconds: int, *, starts_at: datetime | None = None, ends_at: datetime | None = None) -> Timetable:
    return Timetable(Recurrence(Every(seconds), UTC), starts_at, ends_at)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def due(missed: Missed, period: int, now: float, *, next_at: float = 0) -> list[float]:
    schedule = replace(SCHEDULE, missed=missed, next_at=at(next_at))
    return [(moment - START) / SECOND for moment in due_of(schedule, every(period), at(now))]


def test_start_and_end_are_included() -> None:
    timetable = every(10, starts_at=at(20), ends_at=at(40))
    assert list(timetable.after(START)) == [at(20), at(30), at(40)]


@pytest.mark.parametrize("missed", Missed)
def test_nothing_is_due_behind_an_occurrence_that_is_on_time(missed: Missed) -> None:
    assert due(missed, 10, 0.003) == []


@pytest.mark.parametrize("missed", Missed)
def test_what_is_late_by_no_more_than_ten_seconds_is_delivered_each(missed: Missed) -> None:
    assert due(missed, 2, 10.5, next_at=0) == [2, 4, 6, 8, 10]


def test_of_what_was_missed_skip_leaves_out_all() -> None:
    assert due(Missed.SKIP, 60, 195) == []
    assert due(Missed.SKIP, 60, 190) == [180]
    assert due(Missed.SKIP, 3, 100) == [90, 93, 96, 99]


def test_of_what_was_missed_once_delivers_the_latest() -> None:
    assert due(Missed.ONCE, 60, 195) == [180]
    assert due(Missed.ONCE, 3600, 86_000) == [82_800]


def test_a_later_one_that_is_not_missed_stands_for_all_that_were() -> None:
    assert due(Missed.ONCE, 60, 185) == [180]
    assert due(Missed.ONCE, 3, 100) == [90, 93, 96, 99]


def test_all_leaves_out_nothing() -> None:
    assert due(Missed.ALL, 1, 100) == list(range(1, 101))


def test_a_schedule_that_waits_for_nothing_has_nothing_due() -> None:
    assert list(due_of(replace(SCHEDULE, next_at=None), every(1), at(100))) == []


@given(st.integers(1, 100_000), st.integers(0, 10_000_000), st.integers(0, 10_000_000))
def test_the_last_of_many_is_found_as_if_each_were_looked_at(period: int, after: int, length: int) -> None:
    last = (after + length) // period * period
    expected = at(last) if last > after else None
    assert every(period).last_between(at(after), at(after + length)) == expected


def test_the_last_of_very_many_is_found_at_once() -> None:
    looks = 0

    class Counted(Every):
        def next_after(self, local: datetime) -> datetime:
            nonlocal looks
            looks += 1
            return super().next_after(local)

    year = 365 * 86_400
    timetable = Timetable(Recurrence(Counted(1), UTC), None, None)
    assert timetable.last_between(START, at(year)) == at(year)
    assert looks < 100


def test_with_skip_an_occurrence_is_not_begun_once_it_counts_as_missed() -> None:
    assert begin_by(Missed.SKIP, at(60), at(0), at(120)) == at(70)
    assert begin_by(Missed.SKIP, at(60), at(65), at(120)) == at(75)


def test_with_once_it_is_not_begun_when_it_is_missed_and_a_later_one_is_due() -> None:
    assert begin_by(Missed.ONCE, at(60), at(0), at(120)) == at(120) - MS
    assert begin_by(Missed.ONCE, at(60), at(0), at(61)) == at(70)
    assert begin_by(Missed.ONCE, at(60), at(0), None) is None


def test_with_all_it_is_begun_however_late_it_is() -> None:
    assert begin_by(Missed.ALL, at(60), at(0), at(120)) is None
