from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest

from postdate.domain.errors import IllegalTransitionError
from postdate.domain.message import REMEMBERED_FAILURES, Message, MessageId
from postdate.domain.outcome import REMEMBERED_CHARS, Failure
from postdate.domain.retry import RetryPolicy
from postdate.domain.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
FAILURE = Failure(at=LATER, reason="no answer")

WAITING = Message(id=MessageId("m"), body=b"1", to="console", at=NOON, due_at=NOON, created_at=NOON)
CLAIMED = WAITING.claimed()

TRANSITIONS: dict[str, tuple[Callable[[Message], Message], Status]] = {
    "claimed": (Message.claimed, Status.DELIVERING),
    "given_back": (Message.given_back, Status.SCHEDULED),
    "taken_over": (Message.taken_over, Status.SCHEDULED),
    "delivered": (lambda message: message.delivered(LATER), Status.DELIVERED),
    "retried": (lambda message: message.retried(FAILURE, LATER), Status.SCHEDULED),
    "died": (lambda message: message.died(FAILURE), Status.DEAD),
    "given_up": (lambda message: message.given_up(FAILURE), Status.DEAD),
    "expired": (lambda message: message.expired(LATER), Status.EXPIRED),
    "cancelled": (lambda message: message.cancelled(LATER), Status.CANCELLED),
}


@pytest.mark.parametrize(("status", "name"), list(product(Status, TRANSITIONS)))
def test_a_transition_is_made_where_it_is_legal_and_refused_elsewhere(status: Status, name: str) -> None:
    transition, wanted = TRANSITIONS[name]
    message = replace(WAITING, status=status)
    if status.may_become(wanted):
        assert transition(message).status is wanted
    else:
        with pytest.raises(IllegalTransitionError) as refusal:
            transition(message)
        assert (refusal.value.message_id, refusal.value.status, refusal.value.wanted) == ("m", status, wanted)


@pytest.mark.parametrize("name", TRANSITIONS)
def test_a_transition_leaves_what_the_client_asked_for(name: str) -> None:
    message = WAITING if name in {"claimed", "cancelled"} else CLAIMED
    after = TRANSITIONS[name][0](message)
    assert (after.id, after.body, after.to, after.at, after.created_at, after.retry) == (
        message.id,
        message.body,
        message.to,
        message.at,
        message.created_at,
        message.retry,
    )


def test_a_claim_is_no_attempt_yet() -> None:
    assert replace(WAITING, status=Status.DELIVERING) == CLAIMED


def test_what_is_given_back_is_as_it_was() -> None:
    assert CLAIMED.given_back() == WAITING


def test_what_is_taken_over_has_one_attempt_more_and_its_old_place() -> None:
    assert CLAIMED.taken_over() == replace(WAITING, attempts=1)


def test_a_delivery_is_an_attempt_and_the_end() -> None:
    assert CLAIMED.delivered(LATER) == replace(WAITING, status=Status.DELIVERED, attempts=1, ended_at=LATER)


def test_a_retry_is_due_later_and_remembers_why() -> None:
    assert CLAIMED.retried(FAILURE, LATER) == replace(WAITING, attempts=1, due_at=LATER, failures=(FAILURE,))


def test_a_death_is_an_attempt_and_ends_when_it_failed() -> None:
    assert CLAIMED.died(FAILURE) == replace(
        WAITING, status=Status.DEAD, attempts=1, failures=(FAILURE,), ended_at=LATER
    )


def test_what_is_given_up_was_not_attempted_once_more() -> None:
    assert CLAIMED.given_up(FAILURE) == replace(WAITING, status=Status.DEAD, failures=(FAILURE,), ended_at=LATER)


def test_only_the_last_failures_are_remembered_oldest_first() -> None:
    message = WAITING
    for number in range(REMEMBERED_FAILURES + 3):
        message = message.claimed().retried(Failure(at=LATER, reason=str(number)), LATER)
    assert [failure.reason for failure in message.failures] == ["3", "4", "5", "6", "7"]
    assert message.attempts == REMEMBERED_FAILURES + 3


@pytest.mark.parametrize(("attempts", "may"), [(0, True), (2, True), (3, False), (4, False)])
def test_a_message_may_be_tried_as_often_as_its_policy_says(attempts: int, may: bool) -> None:  # noqa: FBT001
    message = replace(WAITING, attempts=attempts, retry=RetryPolicy(attempts=3))
    assert message.may_be_tried is may


def test_a_remembered_reason_is_short() -> None:
    assert Failure.of("x" * 10_000, LATER).reason == "x" * REMEMBERED_CHARS


def test_a_remembered_reason_can_be_written_down_as_utf_8() -> None:
    assert Failure.of("file \udcff ü", LATER) == Failure(at=LATER, reason="file \\udcff ü")
