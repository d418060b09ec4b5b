"""Which slot of a cluster a command belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis.crc import key_slot

if TYPE_CHECKING:
    from collections.abc import Sequence

KEYLESS_SLOT = 0
"""Commands without a key go to the master of this slot: all instances ask the same node for the time."""
_KEYLESS = {"CONFIG GET", "INFO", "PING", "TIME"}
_SCRIPTS = {"EVAL", "EVALSHA"}


def slot_of(args: Sequence[Any]) -> int:
    """Returns the slot of a command as the driver has it, by its first key."""
    place = 3 if args[0] in _SCRIPTS else 1
    if len(args) <= place or args[0] in _KEYLESS:
        return KEYLESS_SLOT
    key = args[place]
    return key_slot(key if isinstance(key, bytes) else str(key).encode())
