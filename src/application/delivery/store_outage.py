"""Waiting for a store that is away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..events.events import StoreDisconnected, StoreReconnected

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ...domain.errors import StoreUnavailableError
    from ...domain.lease import Partition
    from ..ports.clock import Clock
    from ..ports.event_recorder import EventRecorder
    from .jittered_wait import JitteredWait


class StoreOutage:
    """Waits while the store is away, and records the start and the end of each outage once."""

    def __init__(
        self,
        partition: Partition,
        retry_interval: timedelta,
        wait: JitteredWait,
        clock: Clock,
        events: EventRecorder,
    ) -> None:
        self._partition = partition
        self._retry_interval = retry_interval
        self._wait = wait
        self._clock = clock
        self._events = events
        self._away_since: datetime | None = None

    async def wait(self, error: StoreUnavailableError) -> None:
        """Waits before the store is asked again. The first wait of an outage records `StoreDisconnected`."""
        if self._away_since is None:
            self._away_since = self._clock.now()
            self._events.record(StoreDisconnected(self._partition, error.reason))
        await self._wait(self._retry_interval)

    def end(self) -> None:
        """Records `StoreReconnected` if the store was away. To be called whenever the store has answered."""
        if self._away_since is not None:
            self._events.record(StoreReconnected(self._partition, self._away_since))
            self._away_since = None
