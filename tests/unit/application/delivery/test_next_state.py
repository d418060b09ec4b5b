from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from postdate.application.delivery.next_state import (
    OWNERS_LOST,
    state_after_failure,
    state_after_outcome,
    state_without_attempt,
)
from postdate.domain.ids import MessageId
from postdate.domain.messages.history import Claim
from postdate.domain.messages.message import Message
from postdate.domain.messages.outcome import Delivered, Failed, NotStarted
from postdate.domain.messages.status import Status
from tests.unit.application.world import FixedJitter, ms, seconds

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JITTER = FixedJitter(0.25)
CLAIMED = Message(
    id=MessageId("0RVtzBk4mQ20"), body=b'"hello"', to="console", at=NOW, due_at=NOW, created_at=NOW
).claimed(Claim(at=NOW, instance="a"))
FAILED = Failed(reason="no answer")


def test_a_message_that_may_be_tried_has_no_state_without_an_attempt() -> None:
    assert state_without_attempt(CLAIMED, NOW) is None


def test_a_message_after_its_expiry_has_expired() -> None:
    ended = state_without_attempt(replace(CLAIMED, expires_at=NOW - ms(1)), NOW)
    assert ended is not None
    assert (ended.status, ended.attempts) == (Status.EXPIRED, 0)


def test_an_occurrence_that_was_missed_has_expired() -> None:
    ended = state_without_attempt(replace(CLAIMED, begin_by=NOW - ms(1)), NOW)
    assert ended is not None
    assert (ended.status, ended.attempts) == (Status.EXPIRED, 0)


def test_an_occurrence_that_was_tried_in_time_is_not_missed() -> None:
    assert state_without_attempt(replace(CLAIMED, begin_by=NOW - ms(1), attempts=1), NOW) is None


def test_a_message_without_attempts_left_is_dead() -> None:
    ended = state_without_attempt(replace(CLAIMED, attempts=CLAIMED.retry.attempts), NOW)
    assert ended is not None
    assert ended.status is Status.DEAD
    assert [failure.reason for failure in ended.failures] == [OWNERS_LOST]


def test_a_delivered_message_counts_the_attempt() -> None:
    delivered = state_after_outcome(CLAIMED, Delivered(), NOW, JITTER)
    assert (delivered.status, delivered.attempts, delivered.ended_at) == (Status.DELIVERED, 1, NOW)


def test_a_message_that_was_not_started_keeps_its_due_time() -> None:
    given_back = state_after_outcome(CLAIMED, NotStarted(), NOW, JITTER)
    assert (given_back.status, given_back.attempts, given_back.due_at) == (Status.SCHEDULED, 0, CLAIMED.due_at)


def test_a_message_of_a_busy_destination_is_due_after_the_wait() -> None:
    postponed = state_after_outcome(CLAIMED, NotStarted(wait=seconds(30)), NOW, JITTER)
    assert (postponed.status, postponed.attempts, postponed.due_at) == (Status.SCHEDULED, 0, NOW + seconds(30))


def test_an_outcome_of_the_wrong_type_raises() -> None:
    with pytest.raises(AttributeError):
        state_after_outcome(CLAIMED, "yes", NOW, JITTER)  # type: ignore[arg-type]


def test_a_failed_message_is_due_again_after_its_backoff() -> None:
    retried = state_after_failure(CLAIMED, FAILED, NOW, JITTER)
    assert (retried.status, retried.attempts) == (Status.SCHEDULED, 1)
    assert retried.due_at == NOW + CLAIMED.retry.wait_after(1, JITTER.fraction())


def test_a_message_whose_last_attempt_fails_is_dead() -> None:
    last = replace(CLAIMED, attempts=CLAIMED.retry.attempts - 1)
    assert state_after_failure(last, FAILED, NOW, JITTER).status is Status.DEAD


def test_a_message_that_would_be_due_after_its_expiry_has_expired() -> None:
    failed = Failed(reason="busy", retry_after=seconds(60))
    expired = state_after_failure(replace(CLAIMED, expires_at=NOW + seconds(59)), failed, NOW, JITTER)
    assert (expired.status, expired.attempts) == (Status.EXPIRED, 1)
