"""All that an instance does in one partition: it delivers, and it has the schedules go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..schedules.planning_loop import PlanningLoop
    from .delivery_loop import DeliveryLoop


class PartitionWorker:
    """A delivery loop and a planning loop that end together."""

    def __init__(self, delivery: DeliveryLoop, planning: PlanningLoop) -> None:
        self._delivery = delivery
        self._planning = planning
        self._stopping = False

    def stop(self) -> None:
        """Asks both to end."""
        self._stopping = True
        self._planning.stop()
        self._delivery.stop()

    async def run(self) -> None:
        """Delivers and plans until stopped."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._planning.run())
            tasks.create_task(self._delivery.run())

    async def run_once(self) -> None:
        """Plans what is due now, delivers it, and ends. Raises as each of the two does."""
        is_more = True
        while is_more and not self._stopping:
            is_more = await self._planning.run_once()
            await self._delivery.run_once()
