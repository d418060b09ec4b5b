"""What scripts take and return, as types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....application.ports.message_store import KeyHolder, KeyResult
from ....domain.ids import MessageId
from ....domain.messages.request_key import FINGERPRINT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReply:
    """What `get_message` returns: a record, and where it is claimed, when (ms) and by whom."""

    record: bytes
    claimed_ms: int | None
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReply:
    """What `claim_due` returns: times in µs or ms as named, then ids and records."""

    now_us: int
    next_due_ms: int | None
    next_expiry_ms: int | None
    given_back: int
    records: Sequence[tuple[bytes, bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What `find_messages` takes: keys to look through, states as in a record's head, times in ms."""

    store_targets: Sequence[str]
    label: str | None
    codes: Iterable[int]
    after: tuple[int, str] | None
    before_ms: int | None
    limit: int
    reach: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindReply:
    """What `find_messages` returns: ids and messages, and the position (ms, id) behind which to go on."""

    messages: Sequence[tuple[bytes, MessageReply]]
    next: tuple[int, bytes] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionStateReply:
    """The reply of `get_partition_state`. for each role, when the lease of its holder runs out."""

    now_us: int
    next_due_ms: int | None
    roles_ms: Sequence[tuple[bytes, int]]


_KEY_ANSWERS = {b"": KeyResult.STORED, b"taken": KeyResult.ID_TAKEN}


def key_result_of(reply: bytes) -> KeyResult | KeyHolder:
    """Returns what a script says became of a message with a key."""
    if reply in _KEY_ANSWERS:
        return _KEY_ANSWERS[reply]
    return KeyHolder(
        fingerprint=reply[:FINGERPRINT_BYTES], message_id=MessageId(reply[FINGERPRINT_BYTES:].decode())
    )
