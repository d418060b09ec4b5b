"""Occurrences are compared with those that are found by reading the zone's clock minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postdate.domain.time.recurrence import Recurrence
from tests.contracts.cron_reader import SEASONS, local

MINUTE = timedelta(minutes=1)
DAYS = 4


@dataclass(frozen=True)
class Minutes:
    """A pattern of hours and minutes that is searched one minute at a time."""

    hours: frozenset[int]
    minutes: frozenset[int]
    keeps_real_time: bool

    def shows(self, at: datetime) -> bool:
        return at.hour in self.hours and at.minute in self.minutes

    def next_after(self, at: datetime) -> datetime | None:
        at = at.replace(second=0, microsecond=0) + MINUTE
        while not self.shows(at):
            at += MINUTE
        return at


def some(most: int) -> st.SearchStrategy[frozenset[int]]:
    return st.frozensets(st.integers(0, most), min_size=1, max_size=5)


PATTERNS = st.builds(
    Minutes,
    some(4) | st.just(frozenset(range(24))),
    some(59) | st.just(frozenset({0, 30})),
    st.booleans(),
)
CHANGES = st.sampled_from([(zone, day) for zone, days in SEASONS.items() for day in days])


def by_the_minute(pattern: Minutes, zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    """Reads the clock each minute of real time. Notes a fixed time when it is first shown, or skipped."""
    noted: list[datetime] = []
    instant = start
    shown = latest = instant.astimezone(zone).replace(tzinfo=None)
    while (instant := instant + MINUTE) <= end:
        shown = instant.astimezone(zone).replace(tzinfo=None)
        if pattern.keeps_real_time:
            due = pattern.shows(shown)
        else:
            passed = int((shown - latest) / MINUTE)
            due = any(pattern.shows(latest + n * MINUTE) for n in range(1, passed + 1))
            latest = max(latest, shown)
        if due:
            noted.append(instant)
    return noted


@given(PATTERNS, CHANGES)
@settings(max_examples=150, deadline=None)
def test_occurrences_are_the_instants_at_which_the_clock_shows_the_pattern(
    pattern: Minutes, change: tuple[str, str]
) -> None:
    name, day = change
    zone = ZoneInfo(name)
    start = local(f"{day}T00:00", name).astimezone(UTC) - timedelta(days=1)
    end = start + timedelta(days=DAYS)
    recurrence = Recurrence(pattern, zone)
    found, instant = [], recurrence.next_after(start)
    while instant is not None and instant <= end:
        found.append(instant)
        instant = recurrence.next_after(instant)
    assert found == by_the_minute(pattern, zone, start, end)


@given(PATTERNS, CHANGES, st.integers(0, DAYS * 86_400_000 - 1))
@settings(max_examples=150, deadline=None)
def test_the_next_occurrence_is_found_from_any_instant(pattern: Minutes, change: tuple[str, str], ms: int) -> None:
    name, day = change
    start = local(f"{day}T00:00", name).astimezone(UTC) - timedelta(days=1)
    instant = start + timedelta(milliseconds=ms)
    seen = by_the_minute(pattern, ZoneInfo(name), start, start + timedelta(days=DAYS + 2))
    expected = next(noted for noted in seen if noted > instant)
    assert Recurrence(pattern, ZoneInfo(name)).next_after(instant) == expected


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Etc/GMT+12"])
def test_a_zone_without_transitions_has_a_fixed_offset(zone: str) -> None:
    pattern = Minutes(frozenset({9}), frozenset({0}), keeps_real_time=False)
    instant = Recurrence(pattern, ZoneInfo(zone)).next_after(local("2026-01-01T10:00", zone))
    assert instant == local("2026-01-02T09:00", zone)
