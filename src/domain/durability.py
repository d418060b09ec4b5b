"""How safe a change must be before whoever asked for it is told that it was made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_REPLICAS = re.compile("replicas:([1-9][0-9]{0,2})")


class DurabilityLevel(StrEnum):
    """What an acknowledgement waits for."""

    STORE = "store"
    """The store's own answer: as safe as the store was set up to be."""
    FSYNC = "fsync"
    """The store's disk."""
    REPLICAS = "replicas"
    """The memory of a number of replicas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Durability:
    """A level, and for `REPLICAS` how many of them; 0 for the others."""

    level: DurabilityLevel = DurabilityLevel.STORE
    replicas: int = 0

    def __str__(self) -> str:
        """Returns the text that reads back the same: `store`, `fsync`, `replicas:2`."""
        return f"{self.level}:{self.replicas}" if self.replicas else str(self.level)


STORE_DURABILITY = Durability()


def parse_durability(text: str) -> Durability:
    """Reads `store`, `fsync` or `replicas:N` with an N from 1 to 999.

    Raises:
        ValueError: it is none of these; its sentence goes on where the name of a setting ends.
    """
    if text in (DurabilityLevel.STORE, DurabilityLevel.FSYNC):
        return Durability(level=DurabilityLevel(text))
    match = _REPLICAS.fullmatch(text)
    if not match:
        raise ValueError(f"is {text!r:.80}, which is none of store, fsync and replicas:N, as in replicas:1")
    return Durability(level=DurabilityLevel.REPLICAS, replicas=int(match[1]))
