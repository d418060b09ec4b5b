"""The errors that Postdate names. Each carries its facts as attributes and builds its own sentence from them.

Text that comes from a client is shortened in the sentence. A `reason` reads as the end of a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta


class PostdateError(Exception):
    """The base class of all errors that Postdate names."""


class ConfigurationError(PostdateError):
    """A variable, flag or folder is set to a value that Postdate cannot work with.

    A command prints the sentence as one line and exits with code 2.

    Attributes:
        setting: The variable or flag as the user wrote it (`POSTDATE_DATA_DIR`).
        reason: What is wrong with its value.
    """

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(f"{setting} {reason}")
        self.setting = setting
        self.reason = reason


# Times


class InvalidTimeError(PostdateError):
    """A time cannot be parsed, or is refused because it could be misread.

    Attributes:
        value: The value as given.
        reason: Why it is refused.
    """

    def __init__(self, value: object, reason: str) -> None:
        super().__init__(f"{value!r:.80} {reason}")
        self.value = value
        self.reason = reason


class InvalidDurationError(PostdateError):
    """A duration is neither ISO 8601 (`PT1.5S`) nor in short form (`1h30m`).

    Attributes:
        text: The duration as given.
    """

    def __init__(self, text: object) -> None:
        super().__init__(f"{text!r:.80} is not a duration such as 500ms, 15m, 1h30m, 2d or PT1.5S")
        self.text = text


class UnknownTimezoneError(PostdateError):
    """The IANA database has no time zone of this name.

    Attributes:
        name: The name as given.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r:.80} is not a time zone of the IANA database, such as Europe/Kyiv")
        self.name = name


# Messages


class InvalidHeaderError(PostdateError):
    """A message must not carry this header. The sentence never shows the header's value, which may be a secret.

    Attributes:
        name: The header's name as given.
        reason: Why it is refused.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"the header {name!r:.80} {reason}")
        self.name = name
        self.reason = reason


class IllegalTransitionError(PostdateError):
    """A message cannot go from its present status to the wanted one.

    Attributes:
        message_id: The message's id.
        status: The message's present status.
        wanted: The status that the message was to get.
    """

    def __init__(self, message_id: str, status: str, wanted: str) -> None:
        super().__init__(f"message {message_id} is {status} and cannot become {wanted}")
        self.message_id = message_id
        self.status = status
        self.wanted = wanted


class MessageNotFoundError(PostdateError):
    """No message has this id: it never existed, or it ended longer ago than the retention.

    Attributes:
        message_id: The id as given.
    """

    def __init__(self, message_id: str) -> None:
        super().__init__(f"no message has the id {message_id!r:.80}")
        self.message_id = message_id


class UnreadableMessageError(PostdateError):
    """The store has a message in a form that this version cannot read.

    Attributes:
        message_id: The message's id.
    """

    def __init__(self, message_id: str, reason: str) -> None:
        super().__init__(f"the record of message {message_id} cannot be read: {reason}")
        self.message_id = message_id


# Idempotency keys


class KeyReusedError(PostdateError):
    """An idempotency key belongs to another request.

    Attributes:
        key: The key.
        message_id: The id of the message that the other request scheduled.
    """

    def __init__(self, key: str, message_id: str) -> None:
        super().__init__(f"the key {key!r:.80} belongs to another request, whose message is {message_id}")
        self.key = key
        self.message_id = message_id


class MessageForgottenError(PostdateError):
    """The request was accepted before under this key, and its message has ended and is no longer stored.

    Attributes:
        message_id: The message's id.
    """

    def __init__(self, message_id: str) -> None:
        super().__init__(f"message {message_id} of this key was accepted, has ended and is no longer stored")
        self.message_id = message_id


# Destinations


class UnknownChannelError(PostdateError):
    """No channel is registered for a destination.

    Attributes:
        to: The destination as given.
        known: The schemes of the registered channels.
    """

    def __init__(self, to: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{to!r:.80} names no known channel; the known channels are {', '.join(known)}")
        self.to = to
        self.known = known


class InvalidDestinationError(PostdateError):
    """A channel refuses to deliver to a destination.

    The sentence does not show the destination, which may carry a secret.

    Attributes:
        reason: Why the channel refuses.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the destination {reason}")
        self.reason = reason


# Schedules


class InvalidCronError(PostdateError):
    """A cron expression cannot be parsed, or never has an occurrence.

    Attributes:
        cron: The expression as given.
        reason: Why it is refused.
    """

    def __init__(self, cron: str, reason: str) -> None:
        super().__init__(f"{cron!r:.80} {reason}")
        self.cron = cron
        self.reason = reason


class NoOccurrenceError(PostdateError):
    """A schedule has no occurrence between its start, or now, and its end.

    Attributes:
        cron: The schedule's cron expression.
    """

    def __init__(self, cron: str) -> None:
        super().__init__(f"{cron!r:.80} has no occurrence between its start, or now, and its end")
        self.cron = cron


class ScheduleEndedError(PostdateError):
    """A schedule without further occurrences can be neither paused nor resumed.

    Attributes:
        schedule_id: The schedule's id.
    """

    def __init__(self, schedule_id: str) -> None:
        super().__init__(f"schedule {schedule_id} has ended")
        self.schedule_id = schedule_id


class ScheduleNotFoundError(PostdateError):
    """No schedule has this id: it never existed, or it was deleted.

    Attributes:
        schedule_id: The id as given.
    """

    def __init__(self, schedule_id: str) -> None:
        super().__init__(f"no schedule has the id {schedule_id!r:.80}")
        self.schedule_id = schedule_id


# Forecast and events


class ForecastTooFineError(PostdateError):
    """A forecast would have no step, or more steps than one call may count.

    Attributes:
        step: The length of a step.
        horizon: How far ahead of now the forecast was to reach.
        max_steps: How many steps a forecast may have.
    """

    def __init__(self, step: timedelta, horizon: timedelta, max_steps: int) -> None:
        super().__init__(
            f"a forecast has 1 to {max_steps:,} steps, but steps of {step} up to {horizon} from now "
            "are none or too many"
        )
        self.step = step
        self.horizon = horizon
        self.max_steps = max_steps


class TooManyWatchersError(PostdateError):
    """This instance serves its maximum of event listeners. A retry later, or at another instance, may succeed.

    Attributes:
        max_watchers: How many listeners one instance serves.
    """

    def __init__(self, max_watchers: int) -> None:
        super().__init__(f"{max_watchers} clients listen to the events of this instance already")
        self.max_watchers = max_watchers


# The store


class StoreUnavailableError(PostdateError):
    """The store did not answer, or answered that it cannot serve now. A retry later may succeed.

    Attributes:
        reason: What the driver said.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the store is unavailable: {reason}")
        self.reason = reason


class NotDurableError(StoreUnavailableError):
    """The store made the change, but not as durably as the setting requires before a caller may rely on it."""

    def __init__(self, reason: str) -> None:
        PostdateError.__init__(
            self,
            f"the change is in the store, but not as durably as required: {reason}; it takes effect unless the "
            "store fails, so a message that is sent again may be delivered twice",
        )
        self.reason = reason


class StoreFullError(PostdateError):
    """The store has no room for another message. It still delivers those it has.

    Attributes:
        reason: What the store said.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the store has no room for a new message: {reason}")
        self.reason = reason


class LeaseLostError(PostdateError):
    """A lease ran out, so another owner may have its claims by now.

    Attributes:
        owner: The lease's owner.
        token: The lost lease's fencing token.
    """

    def __init__(self, owner: str, token: int) -> None:
        super().__init__(f"the lease of {owner} with fencing token {token} ran out")
        self.owner = owner
        self.token = token
