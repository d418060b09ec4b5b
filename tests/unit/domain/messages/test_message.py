from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from postdate.domain.errors import IllegalTransitionError
from postdate.domain.ids import MessageId
from postdate.domain.messages.edit import Edit
from postdate.domain.messages.expiry import ExpiresTooEarlyError
from postdate.domain.messages.history import (
    MAX_HISTORY_ENTRIES,
    Attempt,
    AttemptResult,
    Claim,
    GivenUp,
    Intervention,
    InterventionKind,
)
from postdate.domain.messages.message import Message
from postdate.domain.messages.outcome import MAX_TEXT_CHARS, Failure
from postdate.domain.messages.retry import RetryPolicy
from postdate.domain.messages.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
FAILURE = Failure(at=LATER, reason="no answer", detail="503")

WAITING = Message(id=MessageId("m"), body=b"1", to="console", at=NOON, due_at=NOON, created_at=NOON)
CLAIM = Claim(at=NOON, instance="one")
CLAIMED = WAITING.claimed(CLAIM)
FAILED = Attempt(claim=CLAIM, at=LATER, result=AttemptResult.FAILED, reason="no answer", detail="503")

TRANSITIONS: dict[str, tuple[Callable[[Message], Message], Status]] = {
    "claimed": (lambda message: message.claimed(CLAIM), Status.DELIVERING),
    "given_back": (Message.given_back, Status.SCHEDULED),
    "taken_over": (lambda message: message.taken_over(LATER), Status.SCHEDULED),
    "delivered": (lambda message: message.delivered(LATER), Status.DELIVERED),
    "retried": (lambda message: message.retried(FAILURE, LATER), Status.SCHEDULED),
    "died": (lambda message: message.died(FAILURE), Status.DEAD),
    "given_up": (lambda message: message.given_up(FAILURE), Status.DEAD),
    "expired": (lambda message: message.expired(LATER), Status.EXPIRED),
    "cancelled": (lambda message: message.cancelled(LATER), Status.CANCELLED),
}


@pytest.mark.parametrize(("status", "name"), list(product(Status, TRANSITIONS)))
def test_a_transition_is_refused_unless_it_is_legal(status: Status, name: str) -> None:
    transition, wanted = TRANSITIONS[name]
    message = replace(WAITING, status=status)
    if status.may_become(wanted):
        assert transition(message).status is wanted
    else:
        with pytest.raises(IllegalTransitionError) as caught:
            transition(message)
        assert (caught.value.message_id, caught.value.status, caught.value.wanted) == ("m", status, wanted)


def with_distinct_fields(status: Status) -> Message:
    """Returns a message none of whose fields has its default. A field that is added later is covered too."""
    values: dict[str, Any] = {field.name: object() for field in fields(Message)} | {
        "id": "m",
        "status": status,
        "at": NOON,
        "due_at": NOON + timedelta(seconds=1),
        "attempts": 3,
        "expires_at": NOON + timedelta(days=1),
        "history": (FAILED,),
        "claim": CLAIM,
    }
    return Message(**values)


@pytest.mark.parametrize(
    ("status", "transition", "owned"),
    [
        (Status.SCHEDULED, lambda message: message.claimed(replace(CLAIM, instance="two")), set()),
        (Status.DELIVERING, Message.given_back, set()),
        (Status.DELIVERING, lambda message: message.postponed(LATER), {"due_at"}),
        (Status.DELIVERING, lambda message: message.taken_over(LATER), {"attempts", "history"}),
        (Status.DELIVERING, lambda message: message.delivered(LATER), {"attempts", "history"}),
        (Status.DELIVERING, lambda message: message.retried(FAILURE, LATER), {"attempts", "history", "due_at"}),
        (Status.DELIVERING, lambda message: message.died(FAILURE), {"attempts", "history"}),
        (Status.DELIVERING, lambda message: message.given_up(FAILURE), {"history"}),
        (Status.DELIVERING, lambda message: message.expired(LATER), set()),
        (Status.DELIVERING, lambda message: message.expired(LATER, FAILURE), {"attempts", "history"}),
        (Status.SCHEDULED, lambda message: message.cancelled(LATER), set()),
        (Status.DEAD, lambda message: message.replayed(LATER), {"attempts", "history", "due_at", "begin_by"}),
    ],
)
def test_a_transition_carries_over_every_field_that_it_does_not_own(
    status: Status, transition: Callable[[Message], Message], owned: set[str]
) -> None:
    before = with_distinct_fields(status)
    assert fields_that_differ(before, transition(before)) == owned | {"status", "claim", "ended_at"}


@pytest.mark.parametrize(
    ("change", "owned"),
    [
        (lambda message: message.made_due(NOON), {"due_at", "history"}),
        (lambda message: message.edited(Edit(at=LATER), NOON), {"at", "due_at", "history", "begin_by"}),
        (lambda message: message.edited(Edit(to="x"), NOON), {"to"}),
    ],
)
def test_a_change_of_a_waiting_message_carries_over_every_field_that_it_does_not_own(
    change: Callable[[Message], Message], owned: set[str]
) -> None:
    before = with_distinct_fields(Status.SCHEDULED)
    assert fields_that_differ(before, change(before)) == owned


def fields_that_differ(before: Message, after: Message) -> set[str]:
    return {
        field.name for field in fields(Message) if getattr(after, field.name) is not getattr(before, field.name)
    }


def test_a_claim_does_not_count_as_an_attempt() -> None:
    assert replace(WAITING, status=Status.DELIVERING, claim=CLAIM) == CLAIMED


def test_a_message_that_is_given_back_is_as_it_was_before_the_claim() -> None:
    assert CLAIMED.given_back() == WAITING


def test_a_message_that_is_taken_over_has_one_more_attempt_and_its_old_due_time() -> None:
    lost = Attempt(claim=CLAIM, at=LATER, result=AttemptResult.OWNER_LOST)
    assert CLAIMED.taken_over(LATER) == replace(WAITING, attempts=1, history=(lost,))
    assert CLAIMED.taken_over(LATER).failures == ()


def test_a_delivery_counts_as_an_attempt_and_ends_the_message() -> None:
    attempt = Attempt(claim=CLAIM, at=LATER, result=AttemptResult.DELIVERED, detail="204")
    assert CLAIMED.delivered(LATER, "204") == replace(
        WAITING, status=Status.DELIVERED, attempts=1, history=(attempt,), ended_at=LATER
    )


def test_a_retried_message_is_due_later_and_records_the_failure() -> None:
    retried = CLAIMED.retried(FAILURE, LATER)
    assert retried == replace(WAITING, attempts=1, due_at=LATER, history=(FAILED,))
    assert retried.failures == (FAILURE,)


def test_a_death_counts_as_an_attempt_and_ends_the_message_when_it_failed() -> None:
    assert CLAIMED.died(FAILURE) == replace(
        WAITING, status=Status.DEAD, attempts=1, history=(FAILED,), ended_at=LATER
    )


def test_a_message_that_is_given_up_has_no_further_attempt() -> None:
    given_up = CLAIMED.given_up(FAILURE)
    history = (GivenUp(at=LATER, reason="no answer", detail="503"),)
    assert given_up == replace(WAITING, status=Status.DEAD, history=history, ended_at=LATER)
    assert given_up.failures == (FAILURE,)


def test_an_expiry_counts_as_an_attempt_only_after_a_failure() -> None:
    expired = replace(WAITING, status=Status.EXPIRED, ended_at=LATER)
    assert CLAIMED.expired(LATER) == expired
    assert CLAIMED.expired(LATER, FAILURE) == replace(expired, attempts=1, history=(FAILED,))


def test_a_replayed_message_has_all_its_attempts_left_and_records_why_it_died() -> None:
    replayed = CLAIMED.died(FAILURE).replayed(LATER)
    again = Intervention(at=LATER, kind=InterventionKind.REPLAYED)
    assert replayed == replace(WAITING, due_at=LATER, history=(FAILED, again))
    assert replayed.failures == (FAILURE,)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DEAD])
def test_only_a_dead_message_can_be_replayed(status: Status) -> None:
    with pytest.raises(IllegalTransitionError):
        replace(WAITING, status=status).replayed(LATER)


def test_an_edit_changes_what_it_names_and_nothing_else() -> None:
    retry = RetryPolicy(attempts=2)
    edit = Edit(body=b"2", to="x", retry=retry, labels=("a",), headers=(("b", "c"),))
    assert WAITING.edited(edit, LATER) == replace(
        WAITING, body=b"2", to="x", retry=retry, labels=("a",), headers=(("b", "c"),)
    )


def test_a_new_time_is_also_the_new_due_time() -> None:
    waiting = CLAIMED.retried(FAILURE, LATER).edited(Edit(at=LATER + timedelta(hours=1)), LATER)
    assert waiting.at == waiting.due_at == LATER + timedelta(hours=1)
    assert waiting.history[1:] == (Intervention(at=LATER, kind=InterventionKind.RESCHEDULED),)


def test_an_edit_that_changes_nothing_adds_no_history() -> None:
    assert WAITING.edited(Edit(at=WAITING.at, body=WAITING.body), LATER) == WAITING


def test_an_edit_may_remove_the_expiry_but_not_set_it_before_the_time() -> None:
    expiring = replace(WAITING, expires_at=LATER)
    assert expiring.edited(Edit(expires_at=None), LATER).expires_at is None
    with pytest.raises(ExpiresTooEarlyError):
        expiring.edited(Edit(at=LATER + timedelta(milliseconds=1)), LATER)
    with pytest.raises(ExpiresTooEarlyError):
        WAITING.edited(Edit(expires_at=NOON - timedelta(milliseconds=1)), LATER)


def test_a_message_that_is_made_due_keeps_the_time_that_its_client_wanted() -> None:
    waiting = replace(WAITING, at=LATER, due_at=LATER)
    made_due = waiting.made_due(NOON)
    assert (made_due.at, made_due.due_at) == (LATER, NOON)
    assert made_due.history == (Intervention(at=NOON, kind=InterventionKind.RESCHEDULED),)


def test_a_message_that_is_due_already_keeps_its_due_time() -> None:
    assert WAITING.made_due(LATER) == WAITING


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.SCHEDULED])
def test_only_a_waiting_message_can_be_edited(status: Status) -> None:
    message = replace(WAITING, status=status)
    with pytest.raises(IllegalTransitionError):
        message.edited(Edit(body=b"2"), LATER)
    with pytest.raises(IllegalTransitionError):
        message.made_due(LATER)


def test_only_the_latest_failures_are_recorded_oldest_first() -> None:
    message = WAITING
    for number in range(MAX_HISTORY_ENTRIES + 3):
        message = message.claimed(CLAIM).retried(Failure(at=LATER, reason=str(number)), LATER)
    assert [failure.reason for failure in message.failures] == [str(number) for number in range(3, 13)]
    assert message.attempts == MAX_HISTORY_ENTRIES + 3


@pytest.mark.parametrize(("attempts", "expected"), [(0, True), (2, True), (3, False), (4, False)])
def test_a_message_has_attempts_left_until_its_policy_is_used_up(attempts: int, expected: bool) -> None:  # noqa: FBT001
    message = replace(WAITING, attempts=attempts, retry=RetryPolicy(attempts=3))
    assert message.has_attempts_left is expected


def test_a_reason_is_truncated() -> None:
    assert Failure.truncated("x" * 10_000, LATER).reason == "x" * MAX_TEXT_CHARS


def test_a_reason_can_be_encoded_as_utf_8() -> None:
    assert Failure.truncated("file \udcff ü", LATER) == Failure(at=LATER, reason="file \\udcff ü")
