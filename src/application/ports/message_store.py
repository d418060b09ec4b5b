"""The port that keeps messages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from ...domain.ids import MessageId
    from ...domain.lease import Lease, Partition, Role
    from ...domain.messages.message import Message
    from ...domain.messages.query import Position, Query
    from ...domain.messages.request_key import RequestKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AddResult:
    """What came of adding messages.

    Attributes:
        refused: ids that belonged to a message already; nothing was stored for these.
        next_due_moved_up: partitions whose next due time has become earlier than it was.
    """

    refused: frozenset[MessageId] = frozenset()
    next_due_moved_up: frozenset[Partition] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedMessage:
    """A message, and the key by which it is stored once."""

    message: Message
    key: RequestKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolder:
    """Which request has a key already.

    Attributes:
        fingerprint: of that request.
        message_id: its message, which may be forgotten by now.
    """

    fingerprint: bytes
    message_id: MessageId


class KeyResult(Enum):
    """What became of a message whose key was free."""

    STORED = "stored"
    ID_TAKEN = "id taken"
    """Its id belonged to a message already; nothing was stored, and the key is free as before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedAddResult:
    """What came of adding messages with keys.

    Attributes:
        answers: for each message, in order, what became of it, or who has its key.
        next_due_moved_up: partitions whose next due time has become earlier than it was.
    """

    answers: Sequence[KeyResult | KeyHolder]
    next_due_moved_up: frozenset[Partition] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResult:
    """What came of changing a message.

    Attributes:
        message: as it is now.
        next_due_moved_up: whether its partition's next due time has become earlier than it was.
    """

    message: Message
    next_due_moved_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimResult:
    """What a claim brought.

    Attributes:
        messages: now the caller's to deliver, in due order, then in order of acceptance.
        now: when the claim was made, by the store's clock.
        next_due: when the earliest message that is left comes due; `None` if none is left.
        next_expiry: when the earliest lease of another owner runs out unless renewed; `None` if there is none.
        taken_over: how many claims of lost owners went back to their place in due order.
    """

    messages: Sequence[Message]
    now: datetime
    next_due: datetime | None
    next_expiry: datetime | None
    taken_over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionState:
    """What lies ahead in a partition.

    Attributes:
        now: the store's present.
        next_due: when the earliest waiting message comes, or came, due; `None` if none waits.
        roles: for each role that is held, when its holder's lease runs out unless renewed.
    """

    now: datetime
    next_due: datetime | None
    roles: Mapping[Role, datetime]

    @property
    def overdue(self) -> timedelta | None:
        """How late the earliest waiting message is; `None` if none is due."""
        if self.next_due is None or self.next_due > self.now:
            return None
        return self.now - self.next_due


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """A part of what was asked for.

    Attributes:
        messages: in due order, then by id.
        next: behind where to go on; `None` if nothing is left. There may be a next though the page is short, or
            empty: then much was looked at that was not asked for.
    """

    messages: Sequence[Message] = ()
    next: Position | None = None


class MessageStore(Protocol):
    """Keeps messages and knows whose turn it is. Each method is atomic within a partition.

    What a method has answered is as durable as the store was set up to be. The store's clock decides what is due.
    Every method may raise `StoreUnavailableError`; whether what it asked for has happened is then unknown.
    """

    async def add(self, messages: Sequence[Message]) -> AddResult:
        """Stores scheduled messages, each under its own id, unless the id is taken.

        A taken id refuses that message alone. Messages due in the same millisecond are claimed in the order of
        their ids.

        Raises:
            StoreFullError: there is no room; of a partition either all or none of its messages were stored.
        """
        ...

    async def add_keyed(self, messages: Sequence[KeyedMessage]) -> KeyedAddResult:
        """Stores scheduled messages whose keys are free, and gives them the keys, in one step for each partition.

        A key stands for the message that it was given to for `KEY_RETENTION`, whatever becomes of the message, and
        is then free again. Keys of different partitions are different keys. Of two messages with one key the first
        has it. After a fault, the same call stores each message once, or names the one that is there.

        Raises:
            StoreFullError: there is no room; of a partition either all or none of its messages were stored.
        """
        ...

    async def get(self, message_id: MessageId) -> Message | None:
        """Returns the message as it is now; `None` if there is none of that id.

        Raises:
            UnreadableMessageError: it was written in a form that this version does not know.
        """
        ...

    async def find(self, partition: Partition, query: Query, after: Position | None, limit: int) -> MessagePage:
        """Returns up to `limit`, at most 1,000, messages of a partition that a query asks for, as of one moment.

        They are those that come first behind `after`, or first of all. Where the query asks for a label and for
        due times alone, or for due times alone, that costs in proportion to what it returns, however much is
        stored. Anything else is looked for among a bounded number of messages in due order.

        A message that stays in its place is found by the one page that covers it, whatever becomes of others, and
        of its own state, between two pages.
        """
        ...

    async def count_due(
        self, partition: Partition, begins: datetime, step: timedelta, steps: int
    ) -> Sequence[int]:
        """Returns how many waiting messages of a partition are due in each of so many steps of time.

        A step begins where the one before it ends; what was due before the first is counted in that. Times are of
        whole milliseconds. It costs in proportion to the steps, however many messages wait. Counts of more than a
        thousand steps need not be of the same moment.
        """
        ...

    async def change(self, message_id: MessageId, change: Callable[[Message], Message]) -> ChangeResult | None:
        """Writes what `change` makes of the message, as one step; `None` if there is none of that id.

        `change` gets the message as it is now and may be called again, with the message as it is then, when
        another has changed it meanwhile: a claim that comes first is seen, and wins. What it raises is raised,
        and nothing was written; what it returns unchanged is not written. It may return a message that waits, or
        one that was cancelled; the others are for their owners to settle.

        Raises:
            UnreadableMessageError: it was written in a form that this version does not know.
        """
        ...

    async def claim_due(self, lease: Lease, limit: int) -> ClaimResult:
        """Takes up to `limit` due messages of the lease's partition for the lease's owner.

        Before that, claims under leases that ran out go back to their place in due order, counted as an attempt.
        A message is claimed by one lease at a time, and stays claimed while that lease lives.

        Raises:
            LeaseLostError: the lease ran out. Nothing was claimed.
        """
        ...

    async def settle(self, lease: Lease, messages: Sequence[Message]) -> frozenset[MessageId]:
        """Ends claims by writing each message in its next state: delivered, dead, or scheduled again.

        Only claims still held under this lease's token count. The ids of the others are returned; these messages
        are not changed. Settling twice is harmless: the second time they are all returned.

        A message delivered to a place within the store (`domain/place.py`) is put there in the same step, so that
        both happen or neither. Where the place holds something else, the claim is given back and its id returned.

        After that, it forgets what was delivered or cancelled or has expired, as far as the store's `Retention`
        does not keep it: its ids are free and name nothing any more. The dead are never forgotten.
        """
        ...

    async def give_back_unacknowledged(self, lease: Lease, held: Collection[MessageId]) -> int:
        """Gives back what is claimed under the lease but is not among the messages held.

        That is what came with a claim whose answer was lost. It returns to its place in due order, and the claim
        is not counted as an attempt. Returns how many messages that were. Repeating it does no harm.
        """
        ...

    async def partition_state(self, partition: Partition) -> PartitionState:
        """Returns what lies ahead in a partition."""
        ...
