"""Passes until stopped: who watches a partition, who stands by, and how long each may sleep."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ...domain.errors import LeaseLostError, StoreUnavailableError
from ...domain.lease import Role
from ..events.events import StoreDisconnected, StoreReconnected, UnexpectedErrorCaught
from ..wake_up import WakeUp
from .claimer import Claimer
from .in_flight import InFlight
from .lease_keeper import LeaseKeeper

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime

    from ...domain.lease import Partition
    from ..ports.claim_store import ClaimResult, ClaimStore, PartitionState
    from ..ports.clock import Clock
    from ..ports.doorbell import Doorbell
    from ..ports.event_recorder import EventRecorder
    from ..ports.jitter import Jitter
    from ..ports.lease_lock import LeaseLock
    from .deliver_due_messages import DeliverDueMessages


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopSettings:
    """How a delivery loop divides its time.

    Attributes:
        lease_ttl: how long a lease lives unrenewed.
        poll_interval: how often an instance without a role looks in, and the longest sleep of one with a role.
        grace: how long a message may be overdue before others take the watch to be gone, or behind, and help.
        drain: how long deliveries in flight may take to end once the loop is told to stop.
        retry_store: the wait before a store that is away is asked again.
        settle_first: how long deliveries in flight may take to settle, after their lease was lost, before the
            loop claims under a new one and thereby takes over what they context.
        batch: the most messages that one claim takes.
        capacity: the most messages that are claimed and not yet settled. Four batches, so that some are at the
            store, to be claimed or settled, while others are here to be delivered.
    """

    lease_ttl: timedelta = timedelta(seconds=2)
    poll_interval: timedelta = timedelta(seconds=1)
    grace: timedelta = timedelta(milliseconds=20)
    drain: timedelta = timedelta(seconds=30)
    retry_store: timedelta = timedelta(milliseconds=200)
    settle_first: timedelta = timedelta(milliseconds=500)
    batch: int = 500
    capacity: int = 2000


class DeliveryLoop:
    """Delivers what comes due in one partition, together with the other instances there are.

    Of all instances one has the *watch*: it sleeps to the very millisecond the next message is due. One is its
    *deputy*: it wakes a moment later and steps in if a message still lies there, so that the death of the watch
    makes nothing late that the watch did not context. The others look in once per poll interval and help with a
    backlog. Seats say who should; only a claim decides who does.
    """

    def __init__(
        self,
        partition: Partition,
        instance: str,
        claims: ClaimStore,
        locks: LeaseLock,
        doorbell: Doorbell,
        deliver: DeliverDueMessages,
        clock: Clock,
        jitter: Jitter,
        events: EventRecorder,
        pace: LoopSettings,
    ) -> None:
        self._partition = partition
        self._instance = instance
        self._claims = claims
        self._locks = locks
        self._doorbell = doorbell
        self._deliver = deliver
        self._clock = clock
        self._jitter = jitter
        self._events = events
        self._pace = pace
        self._wake_up = WakeUp(clock)
        self._in_flight = InFlight(pace.capacity, clock, self._wake_up.wake, self._record_fault)
        self._stopping = False
        self._has_role = False
        self._away_since: datetime | None = None

    @property
    def has_role(self) -> bool:
        """Whether it has the watch or is the deputy now: those two do what one is enough for, and two are safe."""
        return self._has_role

    def stop(self) -> None:
        """Asks `run` to claim nothing more and to end when what has begun has ended."""
        self._stopping = True
        self._wake_up.wake()

    async def run(self) -> None:
        """Takes part until stopped, whatever the store or a channel does meanwhile."""
        while not self._stopping:
            try:
                await self._take_part()
            except StoreUnavailableError as error:
                await self._wait_for_store(error)
            except Exception as error:  # noqa: BLE001  # one unforeseen fault must not end all deliveries
                await self._wait_after_fault(error)
        await self._in_flight.finish(self._pace.drain.total_seconds())

    async def run_once(self) -> None:
        """Delivers what is due now, whoever watches, and ends.

        Raises:
            StoreUnavailableError: the store did not answer a claim.
            LeaseLostError: the lease ran out between two claims.
        """
        async with await self._lease() as keeper, self._ending_deliveries():
            claimer = self._claimer(keeper)
            self._wake_up.reset()
            while await claimer.claim_all_due() is None and claimer.is_active:
                await self._wake_up.wait()
                self._wake_up.reset()
            await self._in_flight.finish(self._pace.drain.total_seconds() if self._stopping else None)

    async def _take_part(self) -> None:
        """Looks in, and works if there is a role to take or a backlog to help with."""
        self._wake_up.reset()
        state = await self._claims.partition_state(self._partition)
        self._store_answered()
        if len(state.roles) < len(Role) or self._is_late(state):
            await self._work_under_a_lease()
        else:
            await self._nap(self._pace.poll_interval)

    async def _work_under_a_lease(self) -> None:
        await self._in_flight.settle(self._pace.settle_first.total_seconds())
        async with await self._lease() as keeper, self._ending_deliveries():
            await self._work_through_outages(self._claimer(keeper), keeper)
            if not keeper.lost:
                await self._in_flight.finish(self._pace.drain.total_seconds())

    @asynccontextmanager
    async def _ending_deliveries(self) -> AsyncIterator[None]:
        """Sees to it, if an error ends the context, that no delivery goes on after its claim is given back."""
        try:
            yield
        except asyncio.CancelledError:
            await self._in_flight.finish(0)
            raise
        except Exception:
            await self._in_flight.finish(self._pace.drain.total_seconds())
            raise

    async def _lease(self) -> LeaseKeeper:
        asked_at = self._clock.monotonic()
        lease = await self._locks.acquire(self._partition, self._instance, self._pace.lease_ttl)
        return LeaseKeeper(lease, asked_at, self._locks, self._clock, self._events, self._wake_up.wake)

    def _claimer(self, keeper: LeaseKeeper) -> Claimer:
        return Claimer(
            keeper,
            self._deliver,
            self._in_flight,
            self._pace.batch,
            stopping=lambda: self._stopping,
            on_retry=lambda: self._doorbell.ring((self._partition,)),
        )

    async def _work_through_outages(self, claimer: Claimer, keeper: LeaseKeeper) -> None:
        """Works until there is nothing to do; keeps the lease, as long as it lives, while the store is away."""
        while claimer.is_active:
            try:
                await self._work(claimer)
            except StoreUnavailableError as error:
                await self._wait_for_store(error)
            except LeaseLostError:
                keeper.lose()
            except Exception as error:  # noqa: BLE001  # nor must it end the lease, under which deliveries go on
                await self._wait_after_fault(error)
            else:
                return

    async def _work(self, claimer: Claimer) -> None:
        """Takes the best role that is free; without one, helps while it has anything in flight."""
        while claimer.is_active:
            self._wake_up.reset()
            watching = await self._locks.acquire_role(claimer.lease, Role.LEADER)
            self._store_answered()
            if watching:
                with self._in_role():
                    await self._watch(claimer)
            elif await self._locks.acquire_role(claimer.lease, Role.STANDBY):
                with self._in_role():
                    await self._stand_by(claimer)
            else:
                await claimer.claim_all_due()
                if self._in_flight.idle:
                    return
                await self._nap(self._pace.poll_interval)

    @contextmanager
    def _in_role(self) -> Iterator[None]:
        self._has_role = True
        try:
            yield
        finally:
            self._has_role = False

    async def _watch(self, claimer: Claimer) -> None:
        async with self._doorbell.listen(self._partition, self._wake_up.wake):
            while claimer.is_active:
                self._wake_up.reset()
                claimed = await claimer.claim_all_due()
                if claimed is not None:
                    await self._wake_up.wait_until(self._clock.monotonic() + self._until_next(claimed))
                elif claimer.is_active:
                    await self._wake_up.wait()

    def _until_next(self, claimed: ClaimResult) -> float:
        """Returns the seconds until the watch has to look again: a message, a lost owner, or just to be sure."""
        waits = [self._pace.poll_interval]
        if claimed.next_due is not None:
            waits.append(claimed.next_due - claimed.now)
        if claimed.next_expiry is not None:
            waits.append(claimed.next_expiry - claimed.now)
        return min(waits).total_seconds()

    async def _stand_by(self, claimer: Claimer) -> None:
        """Waits for the watch to be free, and helps when a message is left lying meanwhile."""
        async with self._doorbell.listen(self._partition, self._wake_up.wake):
            while claimer.is_active:
                self._wake_up.reset()
                state = await self._claims.partition_state(self._partition)
                if Role.LEADER not in state.roles:
                    break
                if self._is_late(state) and await claimer.claim_all_due() is not None:
                    continue
                await self._wake_up.wait_until(self._clock.monotonic() + self._until_step_in(state))
        await self._locks.resign_role(claimer.lease, Role.STANDBY)

    def _until_step_in(self, state: PartitionState) -> float:
        """Returns the seconds until the deputy has to look again: the watch may end, or leave a message lying."""
        waits = [self._pace.poll_interval, state.roles[Role.LEADER] - state.now]
        if state.next_due is not None:
            waits.append(state.next_due + self._pace.grace - state.now)
        return max(min(waits), self._pace.grace).total_seconds()

    def _is_late(self, state: PartitionState) -> bool:
        return state.overdue is not None and state.overdue >= self._pace.grace

    async def _nap(self, about: timedelta) -> None:
        """Sleeps between half and one and a half times as long, so that instances do not fall into step."""
        seconds = about.total_seconds() * (0.5 + self._jitter.fraction())
        await self._wake_up.wait_until(self._clock.monotonic() + seconds)

    async def _wait_for_store(self, error: StoreUnavailableError) -> None:
        if self._away_since is None:
            self._away_since = self._clock.now()
            self._events.record(StoreDisconnected(self._partition, error.reason))
        await self._nap(self._pace.retry_store)

    def _store_answered(self) -> None:
        if self._away_since is not None:
            self._events.record(StoreReconnected(self._partition, self._away_since))
            self._away_since = None

    async def _wait_after_fault(self, error: BaseException) -> None:
        self._record_fault(error)
        await self._nap(self._pace.poll_interval)

    def _record_fault(self, error: BaseException) -> None:
        self._events.record(UnexpectedErrorCaught(self._partition, error))
