"""Running a loop for each partition, including partitions that other instances register later."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from ...domain.errors import StoreUnavailableError
from ..events.events import UnexpectedErrorCaught
from ..wake_up import WakeUp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

    from ...domain.lease import Partition
    from ..ports.clock import Clock
    from ..ports.event_recorder import EventRecorder
    from ..storage.known_partitions import KnownPartitions


class PartitionLoop(Protocol):
    """The work in one partition: a delivery loop, or a worker that does more."""

    async def run(self) -> None:
        """Works until stopped."""
        ...

    async def run_once(self) -> None:
        """Does all that is due now, and ends."""
        ...

    def stop(self) -> None:
        """Asks the loop to end."""
        ...


class PartitionSupervisor:
    """Runs one loop for each known partition, and starts one for each partition that becomes known later."""

    def __init__(
        self,
        known_partitions: KnownPartitions,
        loop_for: Callable[[Partition], PartitionLoop],
        clock: Clock,
        events: EventRecorder,
        check_interval: timedelta,
    ) -> None:
        """Creates loops with `loop_for`, and checks for new partitions every `check_interval`."""
        self._known_partitions = known_partitions
        self._loop_for = loop_for
        self._clock = clock
        self._events = events
        self._check_interval = check_interval
        self._wake_up = WakeUp(clock)
        self._loops: dict[Partition, PartitionLoop] = {}
        self._is_stopping = False

    def stop(self) -> None:
        """Asks `run`, or `run_once`, to claim nothing more and to end when all deliveries have ended."""
        self._is_stopping = True
        self._wake_up.wake()
        for loop in self._loops.values():
            loop.stop()

    async def run(self) -> None:
        """Runs the loops until stopped. Those of the instance's own partitions start even if the store is away."""
        async with asyncio.TaskGroup() as tasks:
            self._start_loops(self._known_partitions.own, tasks)
            while not self._is_stopping:
                self._wake_up.reset()
                await self._start_new_loops(tasks)
                await self._wake_up.wait_until(self._clock.monotonic() + self._check_interval.total_seconds())

    async def run_once(self) -> None:
        """Does all that is due now, one partition after the other.

        Raises:
            StoreUnavailableError: The store did not answer.
            LeaseLostError: The lease of a delivery loop ran out between two claims.
        """
        for partition in await self._known_partitions():
            if not self._is_stopping:
                self._loops[partition] = self._loop_for(partition)
                await self._loops[partition].run_once()

    async def _start_new_loops(self, tasks: asyncio.TaskGroup) -> None:
        try:
            self._start_loops(await self._known_partitions(), tasks)
        except StoreUnavailableError:
            pass  # the running loops record the outage
        except Exception as error:  # noqa: BLE001  # an unexpected error must not end all deliveries
            self._events.record(UnexpectedErrorCaught(self._known_partitions.own[0], error))

    def _start_loops(self, partitions: Iterable[Partition], tasks: asyncio.TaskGroup) -> None:
        for partition in partitions:
            if partition not in self._loops and not self._is_stopping:
                self._loops[partition] = self._loop_for(partition)
                tasks.create_task(self._loops[partition].run())
