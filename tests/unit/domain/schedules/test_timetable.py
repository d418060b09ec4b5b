from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.domain.ids import ScheduleId
from postdate.domain.schedules.schedule import Missed, Schedule, Template
from postdate.domain.schedules.timetable import Timetable, begin_by, due_occurrences
from postdate.domain.time.recurrence import Recurrence

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MS = timedelta(milliseconds=1)
SCHEDULE = Schedule(
    id=ScheduleId("it"), template=Template(body=b"1"), cron="", timezone="UTC", created_at=START, next_at=START
)


@dataclass(frozen=True)
class Every:
    """A pattern with an occurrence every so many seconds."""

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
    return [(occurrence - START) / SECOND for occurrence in due_occurrences(schedule, every(period), at(now))]


def test_start_and_end_are_included() -> None:
    timetable = every(10, starts_at=at(20), ends_at=at(40))
    assert list(timetable.after(START)) == [at(20), at(30), at(40)]


@pytest.mark.parametrize("missed", Missed)
def test_nothing_is_due_after_an_occurrence_that_is_on_time(missed: Missed) -> None:
    assert due(missed, 10, 0.003) == []


@pytest.mark.parametrize("missed", Missed)
def test_every_occurrence_that_is_at_most_ten_seconds_late_is_delivered(missed: Missed) -> None:
    assert due(missed, 2, 10.5, next_at=0) == [2, 4, 6, 8, 10]


def test_skip_leaves_out_all_missed_occurrences() -> None:
    assert due(Missed.SKIP, 60, 195) == []
    assert due(Missed.SKIP, 60, 190) == [180]
    assert due(Missed.SKIP, 3, 100) == [90, 93, 96, 99]


def test_once_delivers_the_latest_missed_occurrence() -> None:
    assert due(Missed.ONCE, 60, 195) == [180]
    assert due(Missed.ONCE, 3600, 86_000) == [82_800]


def test_a_later_occurrence_that_was_not_missed_stands_for_all_missed_ones() -> None:
    assert due(Missed.ONCE, 60, 185) == [180]
    assert due(Missed.ONCE, 3, 100) == [90, 93, 96, 99]


def test_all_leaves_out_nothing() -> None:
    assert due(Missed.ALL, 1, 100) == list(range(1, 101))


def test_a_schedule_that_waits_for_no_occurrence_has_none_due() -> None:
    assert list(due_occurrences(replace(SCHEDULE, next_at=None), every(1), at(100))) == []


@given(st.integers(1, 100_000), st.integers(0, 10_000_000), st.integers(0, 10_000_000))
def test_the_last_of_many_is_the_one_that_a_search_through_all_finds(period: int, after: int, length: int) -> None:
    last = (after + length) // period * period
    expected = at(last) if last > after else None
    assert every(period).last_between(at(after), at(after + length)) == expected


def test_the_last_of_very_many_is_found_in_few_steps() -> None:
    searches = 0

    class Counted(Every):
        def next_after(self, local: datetime) -> datetime:
            nonlocal searches
            searches += 1
            return super().next_after(local)

    year = 365 * 86_400
    timetable = Timetable(Recurrence(Counted(1), UTC), None, None)
    assert timetable.last_between(START, at(year)) == at(year)
    assert searches < 100


def test_with_skip_an_occurrence_is_not_tried_once_it_counts_as_missed() -> None:
    assert begin_by(Missed.SKIP, at(60), at(0), at(120)) == at(70)
    assert begin_by(Missed.SKIP, at(60), at(65), at(120)) == at(75)


def test_with_once_an_occurrence_is_not_tried_when_it_is_missed_and_a_later_one_is_due() -> None:
    assert begin_by(Missed.ONCE, at(60), at(0), at(120)) == at(120) - MS
    assert begin_by(Missed.ONCE, at(60), at(0), at(61)) == at(70)
    assert begin_by(Missed.ONCE, at(60), at(0), None) is None


def test_with_all_an_occurrence_is_tried_however_late_it_is() -> None:
    assert begin_by(Missed.ALL, at(60), at(0), at(120)) is None
