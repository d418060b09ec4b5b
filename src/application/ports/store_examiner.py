"""The port that reads how the store is configured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFacts:
    """The configuration and the state of a store. `None`: the store does not show it.

    Attributes:
        product: The name of the server product, such as `Valkey`.
        version: The version of the server, most significant number first.
        primary: Whether the server accepts writes; a replica does not.
        replicas: The number of replicas that follow the server now.
        eviction: The eviction policy, when the server has no room: `noeviction`, or which keys it evicts.
        appending: Whether the server appends each write to a file.
        syncing: When that file is synchronised with the disk: `always`, `everysec` or `no`.
        snapshots: Whether the server writes snapshots of all data to disk.
        save: When the server writes snapshots: pairs of seconds and of the least changes within them.
        clock_ahead: The minimal difference between the server's clock and this machine's; negative if the server's
            clock is behind.
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
    save: str | None = None


class StoreExaminer(Protocol):
    """Reads the configuration of the store, and changes nothing."""

    async def examine(self) -> StoreFacts:
        """Returns the current facts. A fact that the store does not show is `None`, never a guess.

        Raises:
            StoreUnavailableError: The store did not answer, or is not ready yet.
        """
        ...
