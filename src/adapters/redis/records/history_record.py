"""The encoding of histories in message records: the entries of the tail, and the notes that scripts write.

A note, big-endian: claimed at (i64, ms), lost at (i64, ms), length of the owner's name (u8), name.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from ....domain.messages.history import (
    Attempt,
    AttemptResult,
    Claim,
    GivenUp,
    History,
    HistoryEntry,
    Intervention,
    InterventionKind,
    with_entry,
)
from ....domain.time.instant import from_ms, to_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOTE = struct.Struct(">qqB")
_KINDS = ("delivered", "failed", "owner lost", "rescheduled", "replayed", "given up")
_GIVEN_UP = "given up"

cached_ms = lru_cache(maxsize=16)(to_ms)
"""`to_ms` for the times that all messages of a batch share: when they were claimed and when they ended."""


class EntryRecord(msgspec.Struct, array_like=True, frozen=True):
    """An entry of a history. Its kind is an index."""

    kind: int
    at_ms: int
    claimed_ms: int = 0
    instance: str = ""
    reason: str = ""
    detail: str = ""


def encode_entry(entry: HistoryEntry) -> list[Any]:
    """Returns the record of an entry, without trailing default values."""
    at_ms = cached_ms(entry.at)
    if isinstance(entry, Intervention):
        return [_KINDS.index(entry.kind), at_ms]
    if isinstance(entry, GivenUp):
        return [_KINDS.index(_GIVEN_UP), at_ms, 0, "", entry.reason, entry.detail]
    encoded = [_KINDS.index(entry.result), at_ms, cached_ms(entry.claim.at), entry.claim.instance]
    return [*encoded, entry.reason, entry.detail] if entry.reason or entry.detail else encoded


def decode_history(entries: tuple[EntryRecord, ...], notes: bytes) -> History:
    """Returns the history: the entries, then an attempt for each note."""
    history: History = tuple(_decode_entry(entry) for entry in entries)
    for attempt in _decode_notes(notes):
        history = with_entry(history, attempt)
    return history


def _decode_notes(notes: bytes) -> Iterator[Attempt]:
    end = 0
    while end < len(notes):
        claimed_ms, lost_ms, length = _NOTE.unpack_from(notes, end)
        end += _NOTE.size + length
        claim = Claim(at=from_ms(claimed_ms), instance=notes[end - length : end].decode(errors="replace"))
        yield Attempt(claim=claim, at=from_ms(lost_ms), result=AttemptResult.OWNER_LOST)


def _decode_entry(entry: EntryRecord) -> HistoryEntry:
    kind, at = _KINDS[entry.kind], from_ms(entry.at_ms)
    if kind == _GIVEN_UP:
        return GivenUp(at=at, reason=entry.reason, detail=entry.detail)
    if kind in tuple(InterventionKind):
        return Intervention(at=at, kind=InterventionKind(kind))
    claim = Claim(at=from_ms(entry.claimed_ms), instance=entry.instance)
    return Attempt(claim=claim, at=at, result=AttemptResult(kind), reason=entry.reason, detail=entry.detail)
