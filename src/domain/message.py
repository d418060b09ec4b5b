"""A message: what is to be delivered, where and when, and what has become of it so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NewType

from .errors import ExpiresTooEarlyError, IllegalTransitionError
from .retry import DEFAULT_RETRY, RetryPolicy
from .status import Status

if TYPE_CHECKING:
    from datetime import datetime

    from .outcome import Failure

MessageId = NewType("MessageId", str)
"""Names a message and its partition. Of two ids of a partition the later one sorts behind, as text."""

REMEMBERED_FAILURES = 5
"""How many of the last failures a message keeps, so that a record cannot grow without end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message in one state. A transition returns the message in its next state.

    Attributes:
        id: its name.
        body: JSON text in UTF-8, as the client wrote it, without white space between tokens.
        to: the destination: a channel, or a channel and what lies behind its colon.
        at: when the client wants it delivered.
        due_at: when it is to be tried next: `at`, until a retry waits for longer.
        created_at: when it was accepted.
        status: where it is in its life.
        attempts: deliveries tried so far, those counted that ended with their owner.
        retry: when to try again.
        failures: the last failed attempts, oldest first.
        ended_at: when it reached a state that nothing follows by itself.
        expires_at: it is not delivered then, or later; `None`: however late it is.
        labels: words of the client's, by which it finds its messages again.
        headers: names and values for the receiver, where the channel has a place for them.
    """

    id: MessageId
    body: bytes
    to: str
    at: datetime
    due_at: datetime
    created_at: datetime
    status: Status = Status.SCHEDULED
    attempts: int = 0
    retry: RetryPolicy = DEFAULT_RETRY
    failures: tuple[Failure, ...] = ()
    ended_at: datetime | None = None
    expires_at: datetime | None = None
    labels: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def may_be_tried(self) -> bool:
        """Whether an attempt is left. None is when its owners died often enough while they had it."""
        return self.retry.allows_another(self.attempts)

    def has_expired(self, now: datetime) -> bool:
        """Whether it is too late to deliver it."""
        return self.expires_at is not None and now > self.expires_at

    def claimed(self) -> Message:
        """Returns it as an instance has it that is about to deliver it."""
        return self._become(Status.DELIVERING)

    def given_back(self) -> Message:
        """Returns it to its place in due order; what was not begun is no attempt."""
        return self._become(Status.SCHEDULED)

    def taken_over(self) -> Message:
        """Returns it to its place in due order after its owner was lost, which counts as an attempt."""
        return self._become(Status.SCHEDULED, attempts=self.attempts + 1)

    def delivered(self, at: datetime) -> Message:
        """Returns it as delivered at that moment, by one more attempt."""
        return self._become(Status.DELIVERED, attempts=self.attempts + 1, ended_at=at)

    def retried(self, failure: Failure, due_at: datetime) -> Message:
        """Returns it as waiting for another attempt after this failed one."""
        return self._become(
            Status.SCHEDULED,
            attempts=self.attempts + 1,
            due_at=due_at,
            failures=self._remembering(failure),
        )

    def died(self, failure: Failure) -> Message:
        """Returns it as dead after this failed attempt."""
        return self._become(
            Status.DEAD,
            attempts=self.attempts + 1,
            failures=self._remembering(failure),
            ended_at=failure.at,
        )

    def given_up(self, reason: Failure) -> Message:
        """Returns it as dead without another attempt, because none is left."""
        return self._become(Status.DEAD, failures=self._remembering(reason), ended_at=reason.at)

    def expired(self, at: datetime, failure: Failure | None = None) -> Message:
        """Returns it as expired: untried, or after an attempt whose repetition would be too late."""
        if failure is None:
            return self._become(Status.EXPIRED, ended_at=at)
        return self._become(
            Status.EXPIRED, attempts=self.attempts + 1, failures=self._remembering(failure), ended_at=at
        )

    def cancelled(self, at: datetime) -> Message:
        """Returns it as cancelled at that moment."""
        return self._become(Status.CANCELLED, ended_at=at)

    def _remembering(self, failure: Failure) -> tuple[Failure, ...]:
        return (*self.failures, failure)[-REMEMBERED_FAILURES:]

    def _become(self, status: Status, **changes: object) -> Message:
        if not self.status.may_become(status):
            raise IllegalTransitionError(self.id, self.status, status)
        return replace(self, status=status, **changes)  # type: ignore[arg-type]  # names are checked by tests


def require_expiry_after(at: datetime, expires_at: datetime) -> None:
    """Refuses an expiry that comes before the time of delivery.

    Raises:
        ExpiresTooEarlyError: it does.
    """
    if expires_at < at:
        raise ExpiresTooEarlyError(at, expires_at)
