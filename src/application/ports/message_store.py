"""The port that looks up, lists and changes stored messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from ...domain.ids import MessageId
    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ...domain.messages.query import Position, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResult:
    """The result of a change.

    Attributes:
        message: The message after the change.
        next_due_moved_up: Whether the change made the next due time of the partition earlier.
    """

    message: Message
    next_due_moved_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """One page of the messages that match a query.

    Attributes:
        messages: The messages of this page, in due order, then by id.
        next: The position after which the next page begins; `None` if this page is the last. A page that is short
            or empty may still have a next one: the store checked many messages that did not match.
    """

    messages: Sequence[Message] = ()
    next: Position | None = None


class MessageStore(Protocol):
    """Looks up, lists and changes messages. Each method is atomic within a partition.

    A change has the configured `Durability` once `change` returns.

    Every method raises `StoreUnavailableError` when the store does not answer. It is then unknown whether a change
    was written.
    """

    async def get(self, message_id: MessageId) -> Message | None:
        """Returns the current state of a message; `None` if no message has this id.

        Raises:
            UnreadableMessageError: The record has a format that this version does not know.
        """
        ...

    async def find(self, partition: Partition, query: Query, after: Position | None, limit: int) -> MessagePage:
        """Returns the first messages of a partition that match a query and come after a position.

        Args:
            partition: The partition to search.
            query: The filters.
            after: The position after which the page begins; `None`: it begins with the first message.
            limit: The size of the page, at most 1,000.

        All messages of a page are read at the same instant. A query for due times alone, or for a label and due
        times, costs time in proportion to the messages returned, however many are stored. Every other query checks
        a bounded number of messages in due order.

        A message that keeps its due time is on exactly one page, even if its own state or other messages change
        between two pages.
        """
        ...

    async def count_due(
        self, partition: Partition, begins: datetime, step: timedelta, steps: int
    ) -> Sequence[int]:
        """Counts the waiting messages of a partition that are due in each of several consecutive time steps.

        Args:
            partition: The partition to count in.
            begins: The start of the first step, in whole milliseconds. Messages due before it count as in the
                first step.
            step: The length of a step, in whole milliseconds. A step includes its start and excludes its end.
            steps: The number of steps.

        The cost is in proportion to `steps`, however many messages wait. Counts of more than 1,000 steps may be of
        different instants.
        """
        ...

    async def change(self, message_id: MessageId, change: Callable[[Message], Message]) -> ChangeResult | None:
        """Replaces a message by what `change` returns for it; returns `None` if no message has this id.

        Reading and writing are one atomic step: if the message changes in between, `change` is called again with
        its new state. A claim that comes first therefore wins. An error that `change` raises is passed on, and
        nothing is written. A message that `change` returns unchanged is not written. `change` may return a
        scheduled or a cancelled message only: every other state is written by `ClaimStore.settle`.

        Raises:
            UnreadableMessageError: The record has a format that this version does not know.
        """
        ...
