"""The leader of a partition: it sleeps until the next message is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from ...domain.lease import Partition
    from ..ports.claim_store import ClaimResult
    from ..ports.clock import Clock
    from ..ports.doorbell import Doorbell
    from ..wake_up import WakeUp
    from .claimer import Claimer


class Leader:
    """Claims each message at the millisecond at which it is due.

    Three times wake the leader: the next due time, the time at which the lease of another owner may run out, and
    the end of a poll interval. A ring of the doorbell, free capacity and a request to stop wake it earlier.
    """

    def __init__(
        self, partition: Partition, doorbell: Doorbell, wake_up: WakeUp, clock: Clock, poll_interval: timedelta
    ) -> None:
        self._partition = partition
        self._doorbell = doorbell
        self._wake_up = wake_up
        self._clock = clock
        self._poll_interval = poll_interval

    async def run(self, claimer: Claimer) -> None:
        """Claims all due messages and sleeps, in turn, until the claimer is no longer active.

        It also ends when the lease was revived, because another owner may hold the role since then.

        Raises:
            LeaseLostError: The lease ran out.
            StoreUnavailableError: The store did not answer a claim.
        """
        revivals = claimer.revivals
        async with self._doorbell.listen(self._partition, self._wake_up.wake):
            while claimer.is_active and claimer.revivals == revivals:
                self._wake_up.reset()
                claimed = await claimer.claim_all_due()
                if claimed is not None:
                    seconds = self._seconds_until_next_claim(claimed)
                    await self._wake_up.wait_until(self._clock.monotonic() + seconds)
                elif claimer.is_active:
                    await self._wake_up.wait()

    def _seconds_until_next_claim(self, claimed: ClaimResult) -> float:
        waits = [self._poll_interval]
        if claimed.next_due is not None:
            waits.append(claimed.next_due - claimed.now)
        if claimed.next_expiry is not None:
            waits.append(claimed.next_expiry - claimed.now)
        return min(waits).total_seconds()
