"""Renewing a lease, and deciding how long it can be trusted."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from ...domain.errors import StoreUnavailableError
from ..end_task import end_task
from ..events.events import LeaseAcquired, LeaseLost, LeaseReleased, UnexpectedErrorCaught
from ..ports.lease_lock import Renewal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from ...domain.lease import Lease
    from ..ports.clock import Clock
    from ..ports.event_recorder import EventRecorder
    from ..ports.lease_lock import LeaseLock

SAFETY_MARGIN = 0.1
"""The fraction of a lease's time to live that its owner does not use: the two clocks may drift apart meanwhile."""
RENEWALS_PER_LEASE = 3
TRIES_PER_RENEWAL = 5
"""How much more often a renewal is tried while the store is away, to renew a lease that has not yet run out."""


class LeaseKeeper:
    """Renews a lease three times per time to live. Renewal starts with the context; its end releases the lease.

    An owner that was paused cannot know that its lease ran out. So it may act only within the trust window. That
    starts when the owner *requested* the lease or its last renewal, and lasts for the time to live less a margin,
    measured by the owner's monotonic clock. The term is River's; the argument is that of Martin Kleppmann, "How to
    do distributed locking", 2016.

    A lease that ran out is not lost yet. The store revives it, unless another owner has taken its claims over.
    """

    def __init__(
        self,
        lease: Lease,
        requested_at: float,
        locks: LeaseLock,
        clock: Clock,
        events: EventRecorder,
        on_changed: Callable[[], None],
    ) -> None:
        """Keeps a lease that was requested at `requested_at`, in seconds of the clock's monotonic time.

        Calls `on_changed` when the lease is lost or revived.
        """
        self.lease = lease
        self._locks = locks
        self._clock = clock
        self._events = events
        self._on_changed = on_changed
        self._trusted_until = self._end_of_trust(requested_at)
        self._is_lost = False
        self._revivals = 0
        self._renewal: asyncio.Task[None] | None = None

    @property
    def is_trusted(self) -> bool:
        """Whether a delivery may be started under the lease."""
        return not self._is_lost and self._clock.monotonic() < self._trusted_until

    @property
    def is_lost(self) -> bool:
        """Whether the store has reported that the lease has ended."""
        return self._is_lost

    @property
    def revivals(self) -> int:
        """How often the lease ran out and was revived. Each time, other owners may have acquired its roles."""
        return self._revivals

    def mark_lost(self) -> None:
        """Stops using the lease, because the store reported that it has ended. A repeat does nothing."""
        if not self._is_lost:
            self._is_lost = True
            self._events.record(LeaseLost(self.lease))
            self._on_changed()

    async def __aenter__(self) -> Self:
        """Starts to renew the lease."""
        self._events.record(LeaseAcquired(self.lease))
        self._renewal = asyncio.create_task(self._renew_until_lost())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops renewing and releases the lease, which gives back its claims.

        If the store is away, the lease is not released and runs out.
        """
        if self._renewal is not None:
            await end_task(self._renewal)
        if not self._is_lost:
            with suppress(StoreUnavailableError):
                self._events.record(LeaseReleased(self.lease, await self._locks.release(self.lease)))

    async def _renew_until_lost(self) -> None:
        wait_seconds = self._renewal_seconds
        while not self._is_lost:
            await self._clock.sleep_until(self._clock.monotonic() + wait_seconds)
            wait_seconds = self._renewal_seconds
            try:
                await self.renew()
            except StoreUnavailableError:
                wait_seconds /= TRIES_PER_RENEWAL
            except Exception as error:  # noqa: BLE001  # an unexpected error must not end renewals: deliveries continue
                self._events.record(UnexpectedErrorCaught(self.lease.partition, error))

    async def renew(self) -> None:
        """Renews the lease now. Afterwards it is trusted or lost.

        Raises:
            StoreUnavailableError: The store did not answer.
        """
        requested_at = self._clock.monotonic()
        renewal = await self._locks.renew(self.lease)
        if renewal is Renewal.LOST:
            self.mark_lost()
            return
        self._trusted_until = max(self._trusted_until, self._end_of_trust(requested_at))
        if renewal is Renewal.REVIVED:
            self._revivals += 1
            self._on_changed()

    def _end_of_trust(self, requested_at: float) -> float:
        return requested_at + (self.lease.ttl * (1 - SAFETY_MARGIN)).total_seconds()

    @property
    def _renewal_seconds(self) -> float:
        return self.lease.ttl.total_seconds() / RENEWALS_PER_LEASE
