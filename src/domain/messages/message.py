"""A message: what is to be delivered, where and when, and what has become of it so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from ..errors import ExpiresTooEarlyError, IllegalTransitionError
from ..immutable import copy_with, immutable
from .content import Content
from .history import Attempt, Claim, GivenUp, History, Intervened, Intervention, Result, lengthened
from .outcome import Failure
from .status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..ids import MessageId, ScheduleId
    from ..time.local_time import LocalTime
    from .edit import Edit


class _TransitionChanges(TypedDict, total=False):
    """The fields that a transition may change besides the status."""

    due_at: datetime
    attempts: int
    history: History
    begin_by: None


@immutable
class Message(Content):
    """One message in one state. A transition returns the message in its next state.

    The content, such as body and destination, is in the fields of `Content`. A transition raises
    `IllegalTransitionError` if the present status does not allow it.

    Attributes:
        id: The message's id.
        at: When the client wants the message delivered.
        due_at: When the message is tried next: `at`, unless a retry, a busy destination or its client moved it.
        created_at: When the message was accepted.
        status: The present status.
        attempts: How many deliveries were tried since the message was scheduled or replayed. One whose owner was
            lost counts.
        expires_at: The latest time of delivery. `None`: there is none.
        history: The latest entries of the message's history, oldest first.
        claim: Which instance delivers the message, and since when. `None` in every status but delivering.
        ended_at: When the message reached a status that it does not leave by itself.
        at_local: The local time that `at` was given as. `None`: it was given as an instant.
        schedule_id: The schedule that the message is an occurrence of. `None`: it was scheduled on its own.
        begin_by: The latest time of the first attempt. `None`: there is none.
    """

    id: MessageId
    at: datetime
    due_at: datetime
    created_at: datetime
    status: Status = Status.SCHEDULED
    attempts: int = 0
    expires_at: datetime | None = None
    history: History = ()
    claim: Claim | None = None
    ended_at: datetime | None = None
    at_local: LocalTime | None = None
    schedule_id: ScheduleId | None = None
    begin_by: datetime | None = None

    @property
    def has_attempts_left(self) -> bool:
        """Whether an attempt is left. None is when its owners died often enough while they had it."""
        return self.retry.allows_another(self.attempts)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Why it was not delivered, as far as it remembers, oldest first. An owner lost has given no reason."""
        return tuple(
            Failure(at=entry.at, reason=entry.reason, detail=entry.detail)
            for entry in self.history
            if isinstance(entry, Attempt | GivenUp) and entry.reason
        )

    def has_expired(self, now: datetime) -> bool:
        """Whether it is too late to deliver it."""
        return self.expires_at is not None and now > self.expires_at

    def was_missed(self, now: datetime) -> bool:
        """Whether it is too late to begin with it: of a schedule's occurrences a later one takes its place."""
        return self.begin_by is not None and now > self.begin_by and not self.attempts

    def claimed(self, claim: Claim) -> Message:
        """Returns it as an instance has it that is about to deliver it."""
        return self._become(Status.DELIVERING, claim=claim)

    def given_back(self) -> Message:
        """Returns it to its place in due order; what was not begun is no attempt."""
        return self._become(Status.SCHEDULED)

    def postponed(self, due_at: datetime) -> Message:
        """Returns it as waiting until its destination is less busy; what was not begun is no attempt."""
        return self._become(Status.SCHEDULED, due_at=due_at)

    def taken_over(self, at: datetime) -> Message:
        """Returns it to its place in due order after its owner was lost, which counts as an attempt."""
        return self._become(Status.SCHEDULED, attempt=self._attempt(at, Result.OWNER_LOST))

    def delivered(self, at: datetime, detail: str = "") -> Message:
        """Returns it as delivered at that moment, by one more attempt; `detail` is what the receiver answered."""
        attempt = self._attempt(at, Result.DELIVERED, detail=detail)
        return self._become(Status.DELIVERED, attempt=attempt, ended_at=at)

    def retried(self, failure: Failure, due_at: datetime) -> Message:
        """Returns it as waiting for another attempt after this failed one."""
        return self._become(Status.SCHEDULED, attempt=self._failed(failure), due_at=due_at)

    def died(self, failure: Failure) -> Message:
        """Returns it as dead after this failed attempt."""
        return self._become(Status.DEAD, attempt=self._failed(failure), ended_at=failure.at)

    def given_up(self, reason: Failure) -> Message:
        """Returns it as dead without another attempt, because none is left."""
        history = lengthened(self.history, GivenUp(at=reason.at, reason=reason.reason, detail=reason.detail))
        return self._become(Status.DEAD, history=history, ended_at=reason.at)

    def expired(self, at: datetime, failure: Failure | None = None) -> Message:
        """Returns it as expired: untried, or after an attempt whose repetition would be too late."""
        attempt = None if failure is None else self._failed(failure)
        return self._become(Status.EXPIRED, attempt=attempt, ended_at=at)

    def cancelled(self, at: datetime) -> Message:
        """Returns it as cancelled at that moment."""
        return self._become(Status.CANCELLED, ended_at=at)

    def replayed(self, at: datetime) -> Message:
        """Returns a dead one as due at that moment, with all its attempts before it again.

        Raises:
            IllegalTransitionError: it is not dead.
        """
        if self.status is not Status.DEAD:
            raise IllegalTransitionError(self.id, self.status, Intervention.REPLAYED)
        history = lengthened(self.history, Intervened(at=at, what=Intervention.REPLAYED))
        return self._become(Status.SCHEDULED, history=history, attempts=0, due_at=at, begin_by=None)

    def edited(self, edit: Edit, now: datetime) -> Message:
        """Returns a waiting one with new values; a new time is also when it is tried next.

        Raises:
            IllegalTransitionError: it does not wait.
            ExpiresTooEarlyError: it would expire before its time.
        """
        changes = {name: value for name, value in edit.changes().items() if value != getattr(self, name)}
        if "at" in changes:
            changes["due_at"] = changes["at"]
            changes["history"] = self._rescheduled(now)
            changes["begin_by"] = None
        edited = self._waiting_with(changes)
        if edited.expires_at is not None:
            require_expiry_after(edited.at, edited.expires_at)
        return edited

    def made_due(self, now: datetime) -> Message:
        """Returns a waiting one as due now, unless it was already.

        Raises:
            IllegalTransitionError: it does not wait.
        """
        if self.due_at <= now:
            return self._waiting_with({})
        return self._waiting_with({"due_at": now, "history": self._rescheduled(now)})

    def _rescheduled(self, now: datetime) -> History:
        return lengthened(self.history, Intervened(at=now, what=Intervention.RESCHEDULED))

    def _waiting_with(self, changes: Mapping[str, Any]) -> Message:
        if self.status is not Status.SCHEDULED:
            raise IllegalTransitionError(self.id, self.status, Intervention.RESCHEDULED)
        return copy_with(self, changes)

    def _failed(self, failure: Failure) -> Attempt:
        return self._attempt(failure.at, Result.FAILED, failure.reason, failure.detail)

    def _attempt(self, at: datetime, result: Result, reason: str = "", detail: str = "") -> Attempt:
        claim = self.claim or Claim(at=at, instance="")
        return Attempt(claim=claim, at=at, result=result, reason=reason, detail=detail)

    def _become(
        self,
        status: Status,
        attempt: Attempt | None = None,
        *,
        claim: Claim | None = None,
        ended_at: datetime | None = None,
        **changes: Unpack[_TransitionChanges],
    ) -> Message:
        """Returns the message in another status. Every field that is not named here is carried over.

        The message loses its claim and its end, unless the transition gives it new ones.

        Args:
            status: The new status.
            attempt: The attempt that the transition ends. It is counted, and appended to the history.
            claim: The claim of a message that is delivered next.
            ended_at: When the message ended, if the transition ends it.
            changes: The other fields that the transition changes.

        Raises:
            IllegalTransitionError: The present status cannot become the new one.
        """
        if not self.status.may_become(status):
            raise IllegalTransitionError(self.id, self.status, status)
        if attempt is not None:
            changes["history"] = lengthened(self.history, attempt)
            changes["attempts"] = self.attempts + 1
        return copy_with(self, {**changes, "status": status, "claim": claim, "ended_at": ended_at})


def require_expiry_after(at: datetime, expires_at: datetime) -> None:
    """Refuses an expiry that comes before the time of delivery.

    Raises:
        ExpiresTooEarlyError: it does.
    """
    if expires_at < at:
        raise ExpiresTooEarlyError(at, expires_at)
