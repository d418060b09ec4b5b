"""The port that sees how the store is set up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """How a store is set up, and how it is. `None` is what it does not show.

    Attributes:
        product: whose server it is, as a name: `Valkey`.
        version: of the server, most significant number first.
        primary: whether it takes writes; a replica only follows another.
        replicas: how many replicas follow it at the moment.
        eviction: what it does when it has no room: `noeviction`, or which keys it drops.
        appending: whether it writes changes to a file as they come.
        syncing: when that file is synchronised with the disk: `always`, `everysec` or `no`.
        snapshots: whether it writes all it has to disk from time to time.
        clock_ahead: how far its clock is ahead of this machine's, at least; negative if it is behind.
    """

    product: str
    version: tuple[int, ...] | None
    primary: bool | None
    replicas: int | None
    eviction: str | None
    appending: bool | None
    syncing: str | None
    snapshots: bool | None
    clock_ahead: timedelta


class StoreExaminer(Protocol):
    """Looks at the store, and changes nothing."""

    async def examine(self) -> StoreFacts:
        """Returns how the store is now. What it keeps to itself is left open, never guessed.

        Raises:
            StoreUnavailableError: it did not answer, or not yet.
        """
        ...
