from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from postdate.domain.errors import ScheduleEndedError
from postdate.domain.ids import MessageId, ScheduleId
from postdate.domain.messages.history import Claim
from postdate.domain.messages.outcome import Failure
from postdate.domain.messages.retry import RetryPolicy
from postdate.domain.schedules.schedule import Missed, Schedule, ScheduleEdit, ScheduleStatus, Template

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MS = timedelta(milliseconds=1)
TEMPLATE = Template(
    body=b'"hello"',
    to="console:here",
    retry=RetryPolicy(attempts=2),
    labels=("a",),
    headers=(("X-A", "b"),),
    expires_after=timedelta(minutes=5),
)
SCHEDULE = Schedule(
    id=ScheduleId("it"), template=TEMPLATE, cron="0 * * * *", timezone="UTC", created_at=NOW, last_at=NOW
)
OCCURRENCE = SCHEDULE.occurrence(MessageId("one"), LATER, NOW, LATER + MS)
CLAIM = Claim(at=LATER, instance="somebody")
FAILURE = Failure(at=LATER, reason="refused")


def test_an_occurrence_is_a_message_of_its_own_with_the_id_of_its_schedule() -> None:
    assert (OCCURRENCE.id, OCCURRENCE.schedule_id) == ("one", "it")
    assert (OCCURRENCE.at, OCCURRENCE.due_at, OCCURRENCE.created_at) == (LATER, LATER, NOW)
    assert (OCCURRENCE.body, OCCURRENCE.to, OCCURRENCE.retry) == (TEMPLATE.body, TEMPLATE.to, TEMPLATE.retry)
    assert (OCCURRENCE.labels, OCCURRENCE.headers) == (TEMPLATE.labels, TEMPLATE.headers)
    assert OCCURRENCE.expires_at == LATER + timedelta(minutes=5)


def test_a_schedule_waits_for_its_next_occurrence() -> None:
    waiting = SCHEDULE.waiting_for(OCCURRENCE, NOW)
    assert (waiting.status, waiting.next_at, waiting.next_id) == (ScheduleStatus.ACTIVE, LATER, "one")
    assert (waiting.last_at, waiting.revision) == (NOW, 1)


def test_a_schedule_without_a_next_occurrence_has_ended() -> None:
    ended = SCHEDULE.waiting_for(OCCURRENCE, NOW).waiting_for(None, LATER)
    assert (ended.status, ended.next_at, ended.next_id) == (ScheduleStatus.ENDED, None, None)
    assert (ended.last_at, ended.revision) == (LATER, 2)
    with pytest.raises(ScheduleEndedError, match="it has ended"):
        ended.paused(LATER)


def test_a_paused_schedule_waits_for_no_occurrence() -> None:
    paused = SCHEDULE.waiting_for(OCCURRENCE, NOW).paused(NOW)
    assert (paused.status, paused.next_at, paused.next_id) == (ScheduleStatus.PAUSED, None, None)
    assert paused.revision == 2


def test_an_edit_changes_what_it_names_and_nothing_else() -> None:
    edit = ScheduleEdit(cron="1 * * * *", missed=Missed.ALL, ends_at=LATER, body=b"2", expires_after=None)
    edited = SCHEDULE.edited(edit)
    assert (edited.cron, edited.missed, edited.ends_at, edited.timezone) == ("1 * * * *", Missed.ALL, LATER, "UTC")
    assert (edited.template.body, edited.template.expires_after) == (b"2", None)
    assert (edited.template.to, edited.template.labels) == (TEMPLATE.to, TEMPLATE.labels)
    assert SCHEDULE.edited(ScheduleEdit()) == SCHEDULE


def test_an_occurrence_is_missed_when_it_is_too_late_for_its_first_attempt() -> None:
    assert not OCCURRENCE.was_missed(LATER + MS)
    assert OCCURRENCE.was_missed(LATER + 2 * MS)


def test_an_occurrence_that_was_tried_is_not_missed_however_long_it_is_retried() -> None:
    retried = OCCURRENCE.claimed(CLAIM).retried(FAILURE, LATER + timedelta(hours=1))
    assert not retried.was_missed(LATER + timedelta(hours=1))
    taken_over = OCCURRENCE.claimed(CLAIM).taken_over(LATER)
    assert not taken_over.was_missed(LATER + timedelta(hours=1))


def test_an_occurrence_that_a_client_replayed_is_not_missed() -> None:
    replayed = OCCURRENCE.claimed(CLAIM).died(FAILURE).replayed(LATER)
    assert not replayed.was_missed(LATER + timedelta(hours=1))
    assert replayed.schedule_id == "it"
