"""The port that stores new messages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...domain.ids import MessageId
    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ...domain.messages.request_key import RequestKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AddResult:
    """The result of adding messages.

    Attributes:
        refused: Ids that another message had already. Messages with these ids were not stored.
        next_due_moved_up: Partitions whose next due time became earlier.
    """

    refused: frozenset[MessageId] = frozenset()
    next_due_moved_up: frozenset[Partition] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedMessage:
    """A message with the idempotency key of its request."""

    message: Message
    key: RequestKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHolder:
    """The earlier request that has a key.

    Attributes:
        fingerprint: The fingerprint of that request.
        message_id: The message of that request. The store may have forgotten it.
    """

    fingerprint: bytes
    message_id: MessageId


class KeyResult(Enum):
    """The result for a message whose key was free."""

    STORED = "stored"
    ID_TAKEN = "id taken"
    """Another message had the id already. Nothing was stored, and the key is still free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedAddResult:
    """The result of adding messages with keys.

    Attributes:
        answers: One entry for each message, in the order of the call: the result, or the holder of its key.
        next_due_moved_up: Partitions whose next due time became earlier.
    """

    answers: Sequence[KeyResult | KeyHolder]
    next_due_moved_up: frozenset[Partition] = frozenset()


class MessageWriter(Protocol):
    """Stores new messages. Each method is atomic within a partition.

    Stored messages have the configured `Durability` once a method returns.

    Every method raises `StoreUnavailableError` when the store does not answer. It is then unknown which messages
    were stored.
    """

    async def add(self, messages: Sequence[Message]) -> AddResult:
        """Stores scheduled messages under their ids.

        A message whose id is taken is refused; the others are stored. Messages that are due in the same
        millisecond are claimed in the order of their ids.

        Raises:
            StoreFullError: The store has no room. Of each partition, all or none of the messages were stored.
        """
        ...

    async def add_keyed(self, messages: Sequence[KeyedMessage]) -> KeyedAddResult:
        """Stores scheduled messages whose keys are free, and gives them the keys, in one step for each partition.

        A message holds its key for `KEY_RETENTION`, even if it ends or is forgotten before. Then it is free.
        The same key in two partitions is two keys. Of two messages with the same key, the first gets it. If a call
        fails, repeating it stores each message at most once: a message that was stored the first time is reported
        as the holder of its key.

        Raises:
            StoreFullError: The store has no room. Of each partition, all or none of the messages were stored.
        """
        ...
