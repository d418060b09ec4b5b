"""What a store in this process's memory would say of itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ...application.ports.store_examiner import StoreFacts

if TYPE_CHECKING:
    from ...domain.errors import StoreUnavailableError

IN_MEMORY = StoreFacts(
    product="memory",
    version=(1,),
    primary=True,
    replicas=0,
    eviction="noeviction",
    appending=False,
    syncing="no",
    snapshots=False,
    clock_ahead=timedelta(0),
)
"""The truth about a store that is gone with its process."""


class MemoryStoreExaminer:
    """Tells the facts it is given, or raises the fault it is given: both may be exchanged at any time."""

    def __init__(self, facts: StoreFacts = IN_MEMORY) -> None:
        self.facts = facts
        self.fault: StoreUnavailableError | None = None

    async def examine(self) -> StoreFacts:
        """Returns the facts."""
        if self.fault is not None:
            raise self.fault
        return self.facts
