"""Durability levels: how safe a change must be before the client gets an acknowledgement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_REPLICAS = re.compile("replicas:([1-9][0-9]{0,2})")


class DurabilityLevel(StrEnum):
    """What an acknowledgement waits for."""

    STORE = "store"
    """The store's reply: the change is as safe as the store is configured to make it."""
    FSYNC = "fsync"
    """The store's disk has the change."""
    REPLICAS = "replicas"
    """A number of replicas have the change in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Durability:
    """A durability level. `replicas` is how many replicas `REPLICAS` waits for; it is 0 at the other levels."""

    level: DurabilityLevel = DurabilityLevel.STORE
    replicas: int = 0

    def __str__(self) -> str:
        """Returns the text that `parse_durability` accepts: `store`, `fsync`, `replicas:2`."""
        return f"{self.level}:{self.replicas}" if self.replicas else str(self.level)


STORE_DURABILITY = Durability()


def parse_durability(text: str) -> Durability:
    """Parses `store`, `fsync` or `replicas:N` with an N from 1 to 999.

    Raises:
        ValueError: The text is none of these. The error's text continues a sentence that begins with the name of
            the setting.
    """
    if text in (DurabilityLevel.STORE, DurabilityLevel.FSYNC):
        return Durability(level=DurabilityLevel(text))
    match = _REPLICAS.fullmatch(text)
    if not match:
        raise ValueError(f"is {text!r:.80}, which is none of store, fsync and replicas:N, as in replicas:1")
    return Durability(level=DurabilityLevel.REPLICAS, replicas=int(match[1]))
