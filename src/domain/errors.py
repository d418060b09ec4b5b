"""What can go wrong, as exceptions that carry the facts and build their own sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .time.instant import to_rfc3339

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class PostdateError(Exception):
    """Any fault that Postdate itself names."""


class ConfigurationError(PostdateError):
    """A variable, flag or folder that Postdate cannot work with.

    Attributes:
        setting: the variable or flag, as its user wrote it (`POSTDATE_DATA_DIR`).
        fault: what is wrong with its value, as the end of a sentence.
    """

    def __init__(self, setting: str, fault: str) -> None:
        """Builds the one line that a command prints before it exits 2."""
        super().__init__(f"{setting} {fault}")
        self.setting = setting
        self.fault = fault


class InvalidTimeError(PostdateError):
    """A time that cannot be read, or that would rather be refused than misread.

    Attributes:
        value: what was given, shortened.
        reason: why it is refused, as the end of a sentence.
    """

    def __init__(self, value: object, reason: str) -> None:
        """Builds a sentence that shows the value and the reason."""
        super().__init__(f"{value!r:.80} {reason}")
        self.value = value
        self.reason = reason


class UnknownTimezoneError(PostdateError):
    """A time zone that the IANA database does not have.

    Attributes:
        name: what was given, shortened.
    """

    def __init__(self, name: str) -> None:
        """Builds a sentence that shows the name."""
        super().__init__(f"{name!r:.80} is no time zone of the IANA database, such as Europe/Kyiv")
        self.name = name


class InvalidDurationError(PostdateError):
    """A length of time that is neither ISO 8601 (`PT1.5S`) nor short form (`1h30m`).

    Attributes:
        text: what was given, shortened.
    """

    def __init__(self, text: object) -> None:
        """Builds a sentence that shows what would have been understood."""
        super().__init__(f"{text!r:.80} is not a duration such as 500ms, 15m, 1h30m, 2d or PT1.5S")
        self.text = text


class ExpiresTooEarlyError(PostdateError):
    """A message that would expire before its time, so that it could never be delivered.

    Attributes:
        at: its time.
        expires_at: when it would expire.
    """

    def __init__(self, at: datetime, expires_at: datetime) -> None:
        """Builds a sentence with both times."""
        super().__init__(f"it would expire at {to_rfc3339(expires_at)}, before its time, {to_rfc3339(at)}")
        self.at = at
        self.expires_at = expires_at


class IllegalTransitionError(PostdateError):
    """A message was asked to become what it cannot become from where it is.

    Attributes:
        message_id: whose state it is.
        status: what the message is now.
        wanted: what it was asked to become.
    """

    def __init__(self, message_id: str, status: str, wanted: str) -> None:
        """Builds a sentence that names the message and both states."""
        super().__init__(f"message {message_id} is {status} and cannot become {wanted}")
        self.message_id = message_id
        self.status = status
        self.wanted = wanted


class MessageNotFoundError(PostdateError):
    """No message has this id: it never existed, or it ended longer ago than the retention.

    Attributes:
        message_id: the id that was looked for.
    """

    def __init__(self, message_id: str) -> None:
        """Builds a sentence that shows the id, shortened."""
        super().__init__(f"no message has the id {message_id!r:.80}")
        self.message_id = message_id


class UnreadableMessageError(PostdateError):
    """The store has a message in a form that this version cannot read.

    Attributes:
        message_id: whose record it is.
    """

    def __init__(self, message_id: str, reason: str) -> None:
        """Builds a sentence with the reason."""
        super().__init__(f"the record of message {message_id} cannot be read: {reason}")
        self.message_id = message_id


class KeyReusedError(PostdateError):
    """An idempotency key that belongs to another request.

    Attributes:
        key: the key.
        message_id: the message of the request that it belongs to.
    """

    def __init__(self, key: str, message_id: str) -> None:
        """Builds a sentence that names both."""
        super().__init__(f"the key {key!r:.80} belongs to another request, whose message is {message_id}")
        self.key = key
        self.message_id = message_id


class MessageForgottenError(PostdateError):
    """A request that was accepted before, and whose message has ended and is kept no longer.

    Attributes:
        message_id: the message.
    """

    def __init__(self, message_id: str) -> None:
        """Builds a sentence that names it."""
        super().__init__(f"the message of this key, {message_id}, was accepted, has ended and is kept no longer")
        self.message_id = message_id


class UnknownChannelError(PostdateError):
    """A destination whose channel nobody has registered.

    Attributes:
        to: the destination as given.
        known: the channels there are.
    """

    def __init__(self, to: str, known: tuple[str, ...]) -> None:
        """Builds a sentence that lists the known channels."""
        super().__init__(f"{to!r:.80} names no known channel; known are: {', '.join(known)}")
        self.to = to
        self.known = known


class InvalidDestinationError(PostdateError):
    """A destination that its channel will not deliver to.

    Attributes:
        reason: why, as the end of a sentence. The destination is not in it: it may carry a secret.
    """

    def __init__(self, reason: str) -> None:
        """Builds a sentence around the reason."""
        super().__init__(f"the destination {reason}")
        self.reason = reason


class InvalidHeaderError(PostdateError):
    """A header for the receiver that a message may not carry.

    Attributes:
        name: its name as given, shortened.
        reason: why it is refused, as the end of a sentence.
    """

    def __init__(self, name: str, reason: str) -> None:
        """Builds a sentence that shows the name, and never the value: it may be a secret."""
        super().__init__(f"the header {name!r:.80} {reason}")
        self.name = name
        self.reason = reason


class ForecastTooFineError(PostdateError):
    """A forecast of more steps than are counted at once, or of none.

    Attributes:
        step: how long a step was to be.
        horizon: how far it was to go.
        most: how many steps there may be.
    """

    def __init__(self, step: timedelta, horizon: timedelta, most: int) -> None:
        """Builds a sentence with these figures."""
        super().__init__(f"steps of {step} up to {horizon} from now must be at least 1 and at most {most:,}")
        self.step = step
        self.horizon = horizon
        self.most = most


class TooManyWatchersError(PostdateError):
    """As many watch what happens as one instance can serve. Trying again later, or another instance, may help.

    Attributes:
        most: how many that is.
    """

    def __init__(self, most: int) -> None:
        """Builds a sentence with the figure."""
        super().__init__(f"{most} clients watch the events of this instance already")
        self.most = most


class StoreUnavailableError(PostdateError):
    """The store did not answer, or answered that it cannot serve now. Trying again later may help.

    Attributes:
        reason: what the driver said.
    """

    def __init__(self, reason: str) -> None:
        """Builds a sentence around the driver's own words."""
        super().__init__(f"the store is unavailable: {reason}")
        self.reason = reason


class NotDurableError(StoreUnavailableError):
    """The store did what it was asked for, but not as durably as it must be before anybody may rely on it."""

    def __init__(self, reason: str) -> None:
        """Builds a sentence around what is missing."""
        PostdateError.__init__(
            self,
            f"it is in the store, but not as durably as wanted: {reason}; it takes effect unless the store fails, "
            "so a message that is sent again may be delivered twice",
        )
        self.reason = reason


class StoreFullError(PostdateError):
    """The store has no room for another message; it still delivers those it has.

    Attributes:
        reason: what the store said.
    """

    def __init__(self, reason: str) -> None:
        """Builds a sentence around the store's own words."""
        super().__init__(f"the store has no room for a new message: {reason}")
        self.reason = reason


class LeaseLostError(PostdateError):
    """A lease ran out, so what was held under it may be another owner's by now.

    Attributes:
        owner: who held it.
        token: the fencing token of the lost lease.
    """

    def __init__(self, owner: str, token: int) -> None:
        """Builds a sentence that names the owner and the token."""
        super().__init__(f"the lease of {owner} with fencing token {token} ran out")
        self.owner = owner
        self.token = token
