"""The next state of a claimed message, decided from the outcome of its attempt. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.messages.outcome import Delivered, Failure, NotStarted, truncate
from ...domain.time.instant import instant_after

if TYPE_CHECKING:
    from datetime import datetime

    from ...domain.messages.message import Message
    from ...domain.messages.outcome import Failed, Outcome
    from ..ports.jitter import Jitter

OWNERS_LOST = "owner lost: every instance that claimed this message ended before it settled the claim"


def state_without_attempt(message: Message, now: datetime) -> Message | None:
    """Returns the message in its final state if it must not be tried; `None` if it may be tried.

    A message must not be tried if it has expired, if its occurrence was missed, or if its owners were lost so
    often that no attempts are left.
    """
    if message.has_expired(now) or message.was_missed(now):
        return message.expired(now)
    if not message.has_attempts_left:
        return message.given_up(Failure.truncated(OWNERS_LOST, now))
    return None


def state_after_outcome(message: Message, outcome: Outcome, now: datetime, jitter: Jitter) -> Message:
    """Returns the message in the state that follows from the outcome of its attempt.

    Raises:
        AttributeError: The channel yielded something that is not an outcome.
    """
    match outcome:
        case Delivered():
            return message.delivered(now, truncate(outcome.detail))
        case NotStarted():
            wait = outcome.wait
            return message.given_back() if wait is None else message.postponed(instant_after(now, wait))
        case _:
            return state_after_failure(message, outcome, now, jitter)


def state_after_failure(message: Message, failed: Failed, now: datetime, jitter: Jitter) -> Message:
    """Returns the message scheduled for another attempt, or dead or expired if none follows.

    A wait that the receiver asked for overrides the backoff of the message's retry policy.
    """
    failure = Failure.truncated(failed.reason, now, failed.detail)
    attempts = message.attempts + 1
    if failed.permanent or not message.retry.allows_another(attempts):
        return message.died(failure)
    wait = failed.retry_after
    if wait is None:
        wait = message.retry.wait_after(attempts, jitter.fraction())
    due_at = instant_after(now, wait)
    if message.has_expired(due_at):
        return message.expired(now, failure)
    return message.retried(failure, due_at)
