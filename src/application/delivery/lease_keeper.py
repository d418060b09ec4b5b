"""Keeps a lease alive for as long as it is needed, and says how long it may be trusted."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from ...domain.errors import StoreUnavailableError
from ..end_task import end_task
from ..events.events import LeaseAcquired, LeaseLost, LeaseReleased, LoopFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from ...domain.lease import Lease
    from ..ports.clock import Clock
    from ..ports.event_recorder import EventRecorder
    from ..ports.lease_lock import LeaseLock

SAFETY_MARGIN = 0.1
"""The part of a lease that its owner does not use, for what the two clocks may differ by meanwhile."""
RENEWALS_PER_LEASE = 3
TRIES_PER_RENEWAL = 5
"""While the store is away it is asked so much more often, to find a lease still alive when it is back."""


class LeaseKeeper:
    """Renews a lease three times in its life; within its context the lease is kept, after it released.

    An owner that was paused cannot know that its lease ran out, so it may act only within the trust window: from
    the moment it *asked* for the lease or its last renewal, for the lease's life less a margin, by its own
    monotonic clock. River calls it so; the argument is that of Martin Kleppmann, "How to do distributed
    locking", 2016.
    """

    def __init__(
        self,
        lease: Lease,
        asked_at: float,
        locks: LeaseLock,
        clock: Clock,
        events: EventRecorder,
        on_lost: Callable[[], None],
    ) -> None:
        """Starts from a lease that was asked for at `asked_at` of the clock's monotonic time."""
        self.lease = lease
        self._locks = locks
        self._clock = clock
        self._events = events
        self._on_lost = on_lost
        self._trusted_until = self._trust_from(asked_at)
        self._lost = False
        self._renewing: asyncio.Task[None] | None = None

    @property
    def trusted(self) -> bool:
        """Whether a delivery may be started under the lease."""
        return not self._lost and self._clock.monotonic() < self._trusted_until

    @property
    def lost(self) -> bool:
        """Whether the store has said that the lease ran out."""
        return self._lost

    def lose(self) -> None:
        """Takes note that the store no longer knows the lease."""
        if not self._lost:
            self._lost = True
            self._events.record(LeaseLost(self.lease))
            self._on_lost()

    async def __aenter__(self) -> Self:
        """Begins to renew."""
        self._events.record(LeaseAcquired(self.lease))
        self._renewing = asyncio.create_task(self._renew_until_lost())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops renewing and gives back what is still claimed. If the store is away, the lease runs out."""
        if self._renewing is not None:
            await end_task(self._renewing)
        if not self._lost:
            with suppress(StoreUnavailableError):
                self._events.record(LeaseReleased(self.lease, await self._locks.release(self.lease)))

    async def _renew_until_lost(self) -> None:
        wait = self._third
        while not self._lost:
            await self._clock.sleep_until(self._clock.monotonic() + wait)
            wait = self._third
            try:
                await self._renew()
            except StoreUnavailableError:
                wait /= TRIES_PER_RENEWAL
            except Exception as error:  # noqa: BLE001  # a fault must not end all renewals: deliveries go on
                self._events.record(LoopFailed(self.lease.partition, error))

    async def _renew(self) -> None:
        asked_at = self._clock.monotonic()
        if await self._locks.renew(self.lease):
            self._trusted_until = self._trust_from(asked_at)
        else:
            self.lose()

    def _trust_from(self, asked_at: float) -> float:
        return asked_at + (self.lease.ttl * (1 - SAFETY_MARGIN)).total_seconds()

    @property
    def _third(self) -> float:
        return self.lease.ttl.total_seconds() / RENEWALS_PER_LEASE
