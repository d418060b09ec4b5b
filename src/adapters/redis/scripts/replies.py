"""The replies of scripts, as types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....application.ports.message_writer import KeyHolder, KeyResult
from ....domain.ids import MessageId
from ....domain.messages.request_key import FINGERPRINT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReply:
    """The reply of `get_message`.

    Attributes:
        record: The record of the message.
        claimed_ms: When the message was claimed; `None` if it is not claimed.
        owner: The owner of the claim; empty if the message is not claimed.
    """

    record: bytes
    claimed_ms: int | None
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReply:
    """The reply of `claim_due`, with times in µs or ms as their names say.

    Attributes:
        now_us: The time of the claim.
        next_due_ms: When the next message is due; `None` if none waits.
        next_expiry_ms: When the first lease of another owner expires; `None` if there is none.
        taken_over: The number of claims taken over.
        records: The id and the record of each claimed message; the record is `None` if it is missing.
    """

    now_us: int
    next_due_ms: int | None
    next_expiry_ms: int | None
    taken_over: int
    records: Sequence[tuple[bytes, bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindReply:
    """The reply of `find_messages`.

    Attributes:
        messages: The id of each message, and the message.
        next: The position (due in ms, id) after which the next page begins; `None` if there is none.
    """

    messages: Sequence[tuple[bytes, MessageReply]]
    next: tuple[int, bytes] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionStateReply:
    """The reply of `get_partition_state`.

    Attributes:
        now_us: The current time, in µs.
        next_due_ms: When the next message is due; `None` if none waits.
        roles_ms: Each role, by its name in the store, and when the lease of its holder expires.
    """

    now_us: int
    next_due_ms: int | None
    roles_ms: Sequence[tuple[bytes, int]]


_KEY_RESULTS = {b"": KeyResult.STORED, b"taken": KeyResult.ID_TAKEN}


def key_result_of(reply: bytes) -> KeyResult | KeyHolder:
    """Returns the result for one message of `add_keyed_messages`."""
    if reply in _KEY_RESULTS:
        return _KEY_RESULTS[reply]
    return KeyHolder(
        fingerprint=reply[:FINGERPRINT_BYTES], message_id=MessageId(reply[FINGERPRINT_BYTES:].decode())
    )


def message_ids(raw: Iterable[bytes]) -> Iterator[MessageId]:
    """Yields the ids of a reply as text."""
    return (MessageId(message_id.decode()) for message_id in raw)
