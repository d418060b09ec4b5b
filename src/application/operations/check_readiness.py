"""The use case that tells whether this service can do its work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ...domain.errors import StoreUnavailableError

if TYPE_CHECKING:
    from ..ports.claim_store import ClaimStore
    from ..storage.known_partitions import KnownPartitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether the service is ready, and why not.

    Attributes:
        fault: what is wrong, as a sentence; `None` if nothing is.
    """

    fault: str | None = None

    @property
    def ready(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault is None


class CheckReadiness:
    """Asks the store, and looks for messages that lie around for longer than they should."""

    def __init__(self, claims: ClaimStore, partitions: KnownPartitions, objective: timedelta) -> None:
        """Takes the service to be behind when a message is overdue by more than `objective`."""
        self._claims = claims
        self._partitions = partitions
        self._objective = objective

    async def __call__(self) -> Readiness:
        """Returns whether the service is ready. Does not raise."""
        try:
            overdue = await self._overdue()
        except StoreUnavailableError as error:
            return Readiness(fault=str(error))
        if overdue > self._objective:
            return Readiness(fault=f"the oldest due message is {overdue.total_seconds():.1f} s late")
        return Readiness()

    async def _overdue(self) -> timedelta:
        states = [await self._claims.partition_state(partition) for partition in await self._partitions()]
        return max((state.overdue or timedelta() for state in states), default=timedelta())
