"""The standby of a partition: it steps in when the leader does not deliver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.lease import Role

if TYPE_CHECKING:
    from datetime import timedelta

    from ...domain.lease import Partition
    from ..ports.claim_store import ClaimStore, PartitionState
    from ..ports.clock import Clock
    from ..ports.doorbell import Doorbell
    from ..ports.lease_lock import LeaseLock
    from ..wake_up import WakeUp
    from .claimer import Claimer
    from .loop_settings import LoopSettings


class Standby:
    """Waits until the leader's role is free, and meanwhile delivers the messages that the leader leaves overdue.

    It wakes `step_in_delay` after each due time. A ring of the doorbell and a request to stop wake it earlier.
    """

    def __init__(
        self,
        partition: Partition,
        claims: ClaimStore,
        locks: LeaseLock,
        doorbell: Doorbell,
        wake_up: WakeUp,
        clock: Clock,
        settings: LoopSettings,
    ) -> None:
        self._partition = partition
        self._claims = claims
        self._locks = locks
        self._doorbell = doorbell
        self._wake_up = wake_up
        self._clock = clock
        self._settings = settings

    async def run(self, claimer: Claimer) -> None:
        """Stands by until the leader's role is free or the claimer is no longer active; then resigns the role.

        It also ends when the lease was revived, because another owner may hold the role since then.

        Raises:
            LeaseLostError: The lease ran out.
            StoreUnavailableError: The store did not answer.
        """
        revivals = claimer.revivals
        async with self._doorbell.listen(self._partition, self._wake_up.wake):
            while claimer.is_active and claimer.revivals == revivals:
                self._wake_up.reset()
                state = await self._claims.partition_state(self._partition)
                if Role.LEADER not in state.roles:
                    break
                is_overdue = is_left_overdue(state, self._settings.step_in_delay)
                if is_overdue and await claimer.claim_all_due() is not None:
                    continue
                seconds = self._seconds_until_next_check(state)
                await self._wake_up.wait_until(self._clock.monotonic() + seconds)
        await self._locks.resign_role(claimer.lease, Role.STANDBY)

    def _seconds_until_next_check(self, state: PartitionState) -> float:
        """Returns the seconds until the leader's lease may run out, or a message may have been left overdue."""
        step_in_delay = self._settings.step_in_delay
        waits = [self._settings.poll_interval, state.roles[Role.LEADER] - state.now]
        if state.next_due is not None:
            waits.append(state.next_due + step_in_delay - state.now)
        return max(min(waits), step_in_delay).total_seconds()


def is_left_overdue(state: PartitionState, step_in_delay: timedelta) -> bool:
    """Returns whether a message is overdue for so long that an instance other than the leader delivers it."""
    return state.overdue is not None and state.overdue >= step_in_delay
