"""Delivery in all partitions that there are, and in those that come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from ...domain.errors import StoreUnavailableError
from ..events.events import LoopFailed
from ..wake_up import WakeUp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

    from ...domain.lease import Partition
    from ..ports.clock import Clock
    from ..ports.event_recorder import EventRecorder
    from ..storage.known_partitions import KnownPartitions


class PartitionLoop(Protocol):
    """What works in one partition: a delivery loop, or more than that."""

    async def run(self) -> None:
        """Works until stopped."""
        ...

    async def run_once(self) -> None:
        """Does what is due now."""
        ...

    def stop(self) -> None:
        """Asks to end."""
        ...


class PartitionSupervisor:
    """Runs a delivery loop for each partition, also for one that another instance has just begun to use."""

    def __init__(
        self,
        known: KnownPartitions,
        loop_of: Callable[[Partition], PartitionLoop],
        clock: Clock,
        events: EventRecorder,
        look_every: timedelta,
    ) -> None:
        """Takes what makes the loop of a partition, and how often to look for new partitions."""
        self._known = known
        self._loop_of = loop_of
        self._clock = clock
        self._events = events
        self._look_every = look_every
        self._wake_up = WakeUp(clock)
        self._loops: dict[Partition, PartitionLoop] = {}
        self._stopping = False

    def stop(self) -> None:
        """Asks `run`, or `run_once`, to claim nothing more and to end when what has begun has ended."""
        self._stopping = True
        self._wake_up.wake()
        for loop in self._loops.values():
            loop.stop()

    async def run(self) -> None:
        """Delivers until stopped. The instance's own partitions do not wait for a store that is away."""
        async with asyncio.TaskGroup() as tasks:
            self._begin(self._known.own, tasks)
            while not self._stopping:
                self._wake_up.reset()
                await self._look_for_others(tasks)
                await self._wake_up.wait_until(self._clock.monotonic() + self._look_every.total_seconds())

    async def run_once(self) -> None:
        """Delivers what is due now, partition by partition.

        Raises:
            StoreUnavailableError: the store did not answer.
            LeaseLostError: as `DeliveryLoop.run_once` says.
        """
        for partition in await self._known():
            if not self._stopping:
                self._loops[partition] = self._loop_of(partition)
                await self._loops[partition].run_once()

    async def _look_for_others(self, tasks: asyncio.TaskGroup) -> None:
        try:
            self._begin(await self._known(), tasks)
        except StoreUnavailableError:
            pass  # the loops say so, and go on with what is known
        except Exception as error:  # noqa: BLE001  # one unforeseen fault must not end all deliveries
            self._events.record(LoopFailed(self._known.own[0], error))

    def _begin(self, partitions: Iterable[Partition], tasks: asyncio.TaskGroup) -> None:
        for partition in partitions:
            if partition not in self._loops and not self._stopping:
                self._loops[partition] = self._loop_of(partition)
                tasks.create_task(self._loops[partition].run())
