"""The use case that checks whether this service can accept and deliver messages."""

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
        problem: Why the service is not ready, as a sentence; `None` if it is ready.
    """

    problem: str | None = None

    @property
    def ready(self) -> bool:
        """Whether there is no problem."""
        return self.problem is None


class CheckReadiness:
    """Checks that the store answers and that no message is overdue for too long."""

    def __init__(self, claims: ClaimStore, partitions: KnownPartitions, objective: timedelta) -> None:
        """Creates a check that fails if a message is overdue by more than `objective`."""
        self._claims = claims
        self._partitions = partitions
        self._objective = objective

    async def __call__(self) -> Readiness:
        """Returns whether the service is ready. Does not raise."""
        try:
            overdue = await self._overdue()
        except StoreUnavailableError as error:
            return Readiness(problem=str(error))
        if overdue > self._objective:
            return Readiness(problem=f"the oldest due message is {overdue.total_seconds():.1f} s late")
        return Readiness()

    async def _overdue(self) -> timedelta:
        states = [await self._claims.partition_state(partition) for partition in await self._partitions()]
        return max((state.overdue or timedelta() for state in states), default=timedelta())
