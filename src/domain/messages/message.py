"""A message: what is delivered, where and when, and what has happened to it so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from ..errors import IllegalTransitionError
from ..immutable import copy_with, immutable
from .content import Content
from .expiry import require_expiry_after
from .history import Attempt, AttemptResult, Claim, GivenUp, History, Intervention, InterventionKind, with_entry
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
        attempts: How many attempts were made since the message was scheduled or replayed, including those whose
            owner was lost.
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
        """Whether the retry policy allows another attempt. It may not if the message's owners were lost often."""
        return self.retry.allows_another(self.attempts)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The failures in the history, oldest first. Lost owners are not included: they gave no reason."""
        return tuple(
            Failure(at=entry.at, reason=entry.reason, detail=entry.detail)
            for entry in self.history
            if isinstance(entry, Attempt | GivenUp) and entry.reason
        )

    def has_expired(self, now: datetime) -> bool:
        """Returns whether it is too late to deliver the message."""
        return self.expires_at is not None and now > self.expires_at

    def was_missed(self, now: datetime) -> bool:
        """Returns whether it is too late for the first attempt, so that a later occurrence replaces this one."""
        return self.begin_by is not None and now > self.begin_by and not self.attempts

    def claimed(self, claim: Claim) -> Message:
        """Returns the message as claimed by an instance that is about to deliver it."""
        return self._become(Status.DELIVERING, claim=claim)

    def given_back(self) -> Message:
        """Returns the message as waiting at its old due time.

        The delivery was not started, so it does not count as an attempt.
        """
        return self._become(Status.SCHEDULED)

    def postponed(self, due_at: datetime) -> Message:
        """Returns the message as waiting until its destination is less busy.

        The delivery was not started, so it does not count as an attempt.
        """
        return self._become(Status.SCHEDULED, due_at=due_at)

    def taken_over(self, at: datetime) -> Message:
        """Returns the message as waiting at its old due time. Its owner was lost, which counts as an attempt."""
        return self._become(Status.SCHEDULED, self._attempt(at, AttemptResult.OWNER_LOST))

    def delivered(self, at: datetime, detail: str = "") -> Message:
        """Returns the message as delivered by one more attempt. `detail` is what the receiver answered."""
        attempt = self._attempt(at, AttemptResult.DELIVERED, detail=detail)
        return self._become(Status.DELIVERED, attempt, ended_at=at)

    def retried(self, failure: Failure, due_at: datetime) -> Message:
        """Returns the message as waiting for another attempt after a failed one."""
        return self._become(Status.SCHEDULED, self._failed_attempt(failure), due_at=due_at)

    def died(self, failure: Failure) -> Message:
        """Returns the message as dead after a failed attempt."""
        return self._become(Status.DEAD, self._failed_attempt(failure), ended_at=failure.at)

    def given_up(self, failure: Failure) -> Message:
        """Returns the message as dead without another attempt, because none is left."""
        entry = GivenUp(at=failure.at, reason=failure.reason, detail=failure.detail)
        return self._become(Status.DEAD, history=with_entry(self.history, entry), ended_at=failure.at)

    def expired(self, at: datetime, failure: Failure | None = None) -> Message:
        """Returns the message as expired. `failure` is that of an attempt for which a retry would be too late."""
        attempt = None if failure is None else self._failed_attempt(failure)
        return self._become(Status.EXPIRED, attempt, ended_at=at)

    def cancelled(self, at: datetime) -> Message:
        """Returns the message as cancelled."""
        return self._become(Status.CANCELLED, ended_at=at)

    def replayed(self, at: datetime) -> Message:
        """Returns a dead message as due at once, with all attempts of its retry policy left.

        Raises:
            IllegalTransitionError: The message is not dead.
        """
        if self.status is not Status.DEAD:
            raise IllegalTransitionError(self.id, self.status, InterventionKind.REPLAYED)
        history = self._history_with(InterventionKind.REPLAYED, at)
        return self._become(Status.SCHEDULED, history=history, attempts=0, due_at=at, begin_by=None)

    def edited(self, edit: Edit, now: datetime) -> Message:
        """Returns a waiting message with new values. A new time of delivery is also the new due time.

        Raises:
            IllegalTransitionError: The message is not waiting.
            ExpiresTooEarlyError: The message would expire before its time.
        """
        changes = {name: value for name, value in edit.changes().items() if value != getattr(self, name)}
        if "at" in changes:
            changes["due_at"] = changes["at"]
            changes["history"] = self._history_with(InterventionKind.RESCHEDULED, now)
            changes["begin_by"] = None
        edited = self._waiting_with(changes)
        if edited.expires_at is not None:
            require_expiry_after(edited.at, edited.expires_at)
        return edited

    def made_due(self, now: datetime) -> Message:
        """Returns a waiting message as due now. A message that is due already is returned unchanged.

        Raises:
            IllegalTransitionError: The message is not waiting.
        """
        if self.due_at <= now:
            return self._waiting_with({})
        history = self._history_with(InterventionKind.RESCHEDULED, now)
        return self._waiting_with({"due_at": now, "history": history})

    def _waiting_with(self, changes: Mapping[str, Any]) -> Message:
        if self.status is not Status.SCHEDULED:
            raise IllegalTransitionError(self.id, self.status, InterventionKind.RESCHEDULED)
        return copy_with(self, changes)

    def _history_with(self, kind: InterventionKind, at: datetime) -> History:
        return with_entry(self.history, Intervention(at=at, kind=kind))

    def _failed_attempt(self, failure: Failure) -> Attempt:
        return self._attempt(failure.at, AttemptResult.FAILED, failure.reason, failure.detail)

    def _attempt(self, at: datetime, result: AttemptResult, reason: str = "", detail: str = "") -> Attempt:
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
        """Returns the message in another status. Fields that are not among the arguments are carried over.

        Args:
            status: The new status.
            attempt: The attempt that ended, if one did. It is counted and added to the history.
            claim: The new claim, if the message is claimed.
            ended_at: When the message ended, if it ended.
            changes: The other fields that the transition changes.

        Raises:
            IllegalTransitionError: The present status cannot become the new one.
        """
        if not self.status.may_become(status):
            raise IllegalTransitionError(self.id, self.status, status)
        if attempt is not None:
            changes["history"] = with_entry(self.history, attempt)
            changes["attempts"] = self.attempts + 1
        return copy_with(self, {**changes, "status": status, "claim": claim, "ended_at": ended_at})
