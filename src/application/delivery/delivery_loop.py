"""The delivery loop of one partition: it acquires a lease, chooses a role, delivers, and drains at the end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from ...domain.errors import LeaseLostError, StoreUnavailableError
from ...domain.lease import Role
from ..events.events import UnexpectedErrorCaught
from ..wake_up import WakeUp
from .claimer import Claimer
from .in_flight import InFlight
from .jittered_wait import JitteredWait
from .leader import Leader
from .lease_keeper import LeaseKeeper
from .standby import Standby, is_left_overdue
from .store_outage import StoreOutage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from ...domain.lease import Partition
    from ..ports.claim_store import ClaimStore
    from ..ports.clock import Clock
    from ..ports.doorbell import Doorbell
    from ..ports.event_recorder import EventRecorder
    from ..ports.jitter import Jitter
    from ..ports.lease_lock import LeaseLock
    from .deliver_due_messages import DeliverDueMessages
    from .loop_settings import LoopSettings


class DeliveryLoop:
    """Delivers the due messages of one partition, together with the loops of other instances.

    One instance is the *leader*: it sleeps until the millisecond at which the next message is due. One instance is
    the *standby*: it wakes `step_in_delay` later and delivers the message if the leader has not claimed it. So the
    death of the leader delays such a message by no more than that. The other instances check the partition once
    per poll interval, and help with a backlog. A role says which instance should claim; only the claim decides
    which instance delivers.
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
        settings: LoopSettings,
    ) -> None:
        self._partition = partition
        self._instance = instance
        self._claims = claims
        self._locks = locks
        self._doorbell = doorbell
        self._deliver = deliver
        self._clock = clock
        self._events = events
        self._settings = settings
        self._wake_up = WakeUp(clock)
        self._jittered_wait = JitteredWait(self._wake_up, clock, jitter)
        self._outage = StoreOutage(partition, settings.store_retry_interval, self._jittered_wait, clock, events)
        self._in_flight = InFlight(settings.max_in_flight, clock, self._wake_up.wake, self._record_error)
        self._leader = Leader(partition, doorbell, self._wake_up, clock, settings.poll_interval)
        self._standby = Standby(partition, claims, locks, doorbell, self._wake_up, clock, settings)
        self._is_stopping = False
        self._has_role = False

    @property
    def has_role(self) -> bool:
        """Whether this instance is the leader or the standby now.

        These two also do other work of the partition that one instance should do and two may do.
        """
        return self._has_role

    def stop(self) -> None:
        """Asks the loop to claim nothing more, and to end when its deliveries have ended."""
        self._is_stopping = True
        self._wake_up.wake()

    async def run(self) -> None:
        """Delivers until stopped, whatever errors the store or a channel raises meanwhile."""
        while not self._is_stopping:
            try:
                await self._work_if_needed()
            except StoreUnavailableError as error:
                await self._outage.wait(error)
            except Exception as error:  # noqa: BLE001  # an unexpected error must not end all deliveries
                await self._wait_after_error(error)
        await self._in_flight.drain(self._settings.drain_timeout.total_seconds())

    async def run_once(self) -> None:
        """Delivers all messages that are due now, whichever instance is the leader, and ends.

        Raises:
            StoreUnavailableError: The store did not answer a claim.
            LeaseLostError: The lease ran out between two claims.
        """
        async with await self._acquire_lease() as keeper, self._draining_on_error():
            claimer = self._claimer(keeper)
            self._wake_up.reset()
            while await claimer.claim_all_due() is None and claimer.is_active:
                await self._wake_up.wait()
                self._wake_up.reset()
            timeout_seconds = self._settings.drain_timeout.total_seconds() if self._is_stopping else None
            await self._in_flight.drain(timeout_seconds)

    async def _work_if_needed(self) -> None:
        """Checks the partition, and works under a lease if a role is free or a message is left overdue."""
        self._wake_up.reset()
        state = await self._claims.partition_state(self._partition)
        self._outage.end()
        if len(state.roles) < len(Role) or is_left_overdue(state, self._settings.step_in_delay):
            await self._work_under_lease()
        else:
            await self._jittered_wait(self._settings.poll_interval)

    async def _work_under_lease(self) -> None:
        await self._in_flight.wait_until_settled(self._settings.settle_timeout.total_seconds())
        async with await self._acquire_lease() as keeper, self._draining_on_error():
            await self._work_through_errors(self._claimer(keeper), keeper)
            if not keeper.is_lost:
                await self._in_flight.drain(self._settings.drain_timeout.total_seconds())

    @asynccontextmanager
    async def _draining_on_error(self) -> AsyncIterator[None]:
        """Ends the deliveries if an error ends the context. None may continue after its claim is given back."""
        try:
            yield
        except asyncio.CancelledError:
            await self._in_flight.drain(0)
            raise
        except Exception:
            await self._in_flight.drain(self._settings.drain_timeout.total_seconds())
            raise

    async def _acquire_lease(self) -> LeaseKeeper:
        requested_at = self._clock.monotonic()
        lease = await self._locks.acquire(self._partition, self._instance, self._settings.lease_ttl)
        return LeaseKeeper(lease, requested_at, self._locks, self._clock, self._events, self._wake_up.wake)

    def _claimer(self, keeper: LeaseKeeper) -> Claimer:
        return Claimer(
            keeper,
            self._deliver,
            self._in_flight,
            self._settings.batch_size,
            is_stopping=lambda: self._is_stopping,
            on_retry=lambda: self._doorbell.ring((self._partition,)),
        )

    async def _work_through_errors(self, claimer: Claimer, keeper: LeaseKeeper) -> None:
        """Works until there is nothing to do. An error does not end the lease, under which deliveries continue."""
        while claimer.is_active:
            try:
                await self._work_in_best_role(claimer)
            except StoreUnavailableError as error:
                await self._outage.wait(error)
            except LeaseLostError:
                await self._revive(keeper)
            except Exception as error:  # noqa: BLE001  # an unexpected error must not end the lease either
                await self._wait_after_error(error)
            else:
                return

    async def _revive(self, keeper: LeaseKeeper) -> None:
        """Revives a lease that ran out, if nobody has taken its claims over. Otherwise it is lost."""
        try:
            await keeper.renew()
        except StoreUnavailableError as error:
            await self._outage.wait(error)

    async def _work_in_best_role(self, claimer: Claimer) -> None:
        """Works as leader or standby if that role is free. Otherwise helps while it has messages in flight."""
        while claimer.is_active:
            self._wake_up.reset()
            is_leader = await self._locks.acquire_role(claimer.lease, Role.LEADER)
            self._outage.end()
            if is_leader:
                with self._in_role():
                    await self._leader.run(claimer)
            elif await self._locks.acquire_role(claimer.lease, Role.STANDBY):
                with self._in_role():
                    await self._standby.run(claimer)
            else:
                await claimer.claim_all_due()
                if self._in_flight.is_empty:
                    return
                await self._jittered_wait(self._settings.poll_interval)

    @contextmanager
    def _in_role(self) -> Iterator[None]:
        self._has_role = True
        try:
            yield
        finally:
            self._has_role = False

    async def _wait_after_error(self, error: BaseException) -> None:
        self._record_error(error)
        await self._jittered_wait(self._settings.poll_interval)

    def _record_error(self, error: BaseException) -> None:
        self._events.record(UnexpectedErrorCaught(self._partition, error))
