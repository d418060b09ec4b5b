"""The work of one instance in one partition: it delivers messages and plans occurrences of schedules."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..schedules.planning_loop import PlanningLoop
    from .delivery_loop import DeliveryLoop


class PartitionWorker:
    """A delivery loop and a planning loop that run and stop together."""

    def __init__(self, delivery: DeliveryLoop, planning: PlanningLoop) -> None:
        self._delivery = delivery
        self._planning = planning
        self._is_stopping = False

    def stop(self) -> None:
        """Asks both loops to end."""
        self._is_stopping = True
        self._planning.stop()
        self._delivery.stop()

    async def run(self) -> None:
        """Delivers and plans until stopped."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._planning.run())
            tasks.create_task(self._delivery.run())

    async def run_once(self) -> None:
        """Plans and delivers all that is due now, and ends.

        Raises:
            StoreUnavailableError: The store did not answer.
            LeaseLostError: The lease of the delivery loop ran out between two claims.
        """
        is_more_to_plan = True
        while is_more_to_plan and not self._is_stopping:
            is_more_to_plan = await self._planning.run_once()
            await self._delivery.run_once()
