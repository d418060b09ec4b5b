"""The intervals and limits of a delivery loop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopSettings:
    """The intervals and limits of a delivery loop.

    Attributes:
        lease_ttl: How long a lease lives after it was acquired or last renewed.
        poll_interval: How often an instance without a role checks its partition, and the longest sleep of the
            leader and of the standby.
        step_in_delay: How long a message may be overdue before other instances assume that the leader is gone or
            overloaded, and deliver it themselves.
        drain_timeout: How long deliveries in flight may take to end after the loop was asked to stop.
        store_retry_interval: The average wait before a store that is away is asked again.
        settle_timeout: How long deliveries in flight may take to settle after their lease was lost. Then the loop
            claims under a new lease, and that claim takes over their messages.
        batch_size: The most messages that one claim takes.
        max_in_flight: The most messages that are claimed and not yet settled. Four batches by default, so that
            some can be on their way to or from the store while others are being delivered.
    """

    lease_ttl: timedelta = timedelta(seconds=2)
    poll_interval: timedelta = timedelta(seconds=1)
    step_in_delay: timedelta = timedelta(milliseconds=20)
    drain_timeout: timedelta = timedelta(seconds=30)
    store_retry_interval: timedelta = timedelta(milliseconds=200)
    settle_timeout: timedelta = timedelta(milliseconds=500)
    batch_size: int = 500
    max_in_flight: int = 2000
