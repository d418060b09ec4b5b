"""The facts of a store in the memory of this process."""

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
"""The facts of a store that ends with its process."""


class MemoryStoreExaminer:
    """Returns the facts or raises the error that it is given. Tests may replace both at any time."""

    def __init__(self, facts: StoreFacts = IN_MEMORY) -> None:
        self.facts = facts
        self.error: StoreUnavailableError | None = None

    async def examine(self) -> StoreFacts:
        """Returns the facts, or raises the error."""
        if self.error is not None:
            raise self.error
        return self.facts
