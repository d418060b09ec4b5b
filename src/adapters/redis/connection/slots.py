"""The slot of a cluster to which a command belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis.crc import key_slot

if TYPE_CHECKING:
    from collections.abc import Sequence

KEYLESS_SLOT = 0
"""Commands without a key go to the master of this slot, so all instances ask the same node for the time."""
_KEYLESS_COMMANDS = {"CONFIG GET", "INFO", "PING", "TIME"}
_SCRIPT_COMMANDS = {"EVAL", "EVALSHA"}


def slot_of(args: Sequence[Any]) -> int:
    """Returns the slot of a command by its first key. `args` are the driver's: the command and its arguments."""
    key_index = 3 if args[0] in _SCRIPT_COMMANDS else 1
    if len(args) <= key_index or args[0] in _KEYLESS_COMMANDS:
        return KEYLESS_SLOT
    key = args[key_index]
    return key_slot(key if isinstance(key, bytes) else str(key).encode())
