"""The use case that counts how many messages become due, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...domain.errors import ForecastTooFineError
from ...domain.time.instant import LATEST, MILLISECOND, truncate_to_ms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from ..ports.clock import Clock
    from ..ports.message_store import MessageStore
    from ..storage.known_partitions import KnownPartitions

MAX_STEPS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How many messages become due in each step.

    Attributes:
        begins: The present, at which the first step begins.
        step: The length of each step.
        counts: How many messages become due in each step. The first step also has the overdue messages.
    """

    begins: datetime
    step: timedelta
    counts: Sequence[int]


class ForecastMessages:
    """Counts the waiting messages of all partitions. The cost does not depend on the number of messages."""

    def __init__(self, store: MessageStore, partitions: KnownPartitions, clock: Clock) -> None:
        self._store = store
        self._partitions = partitions
        self._clock = clock

    async def __call__(self, step: timedelta, horizon: timedelta) -> Forecast:
        """Returns the counts from now on. The horizon is rounded up to whole steps.

        Raises:
            ForecastTooFineError: There would be too many steps, or a step is shorter than a millisecond.
            StoreUnavailableError: The store did not answer.
        """
        begins = truncate_to_ms(self._clock.now())
        step -= step % MILLISECOND
        steps = -(-min(horizon, LATEST - begins) // step) if step else MAX_STEPS + 1
        if not 1 <= steps <= MAX_STEPS:
            raise ForecastTooFineError(step, horizon, MAX_STEPS)
        partitions = await self._partitions()
        counted = [await self._store.count_due(partition, begins, step, steps) for partition in partitions]
        return Forecast(begins=begins, step=step, counts=[sum(counts) for counts in zip(*counted, strict=True)])
