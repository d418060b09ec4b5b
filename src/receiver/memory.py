"""Remembers messages in the memory of this process."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from .deliveries import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class _DeliveryRecord:
    owner: str | None
    """The owner of the claim; `None`: the message was handled."""
    expires_at: float
    """In seconds of the monotonic clock."""


class MemoryDeliveries:
    """Remembers messages for an application of one process, until that process ends."""

    def __init__(
        self,
        claim_ttl: timedelta = timedelta(minutes=5),
        retention: timedelta = timedelta(days=3),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Creates an empty memory.

        Args:
            claim_ttl: How long a claim lasts that is neither finished nor released.
            retention: How long a handled message is remembered.
            monotonic: A monotonic clock in seconds.
        """
        self._claim_ttl_seconds = claim_ttl.total_seconds()
        self._retention_seconds = retention.total_seconds()
        self._monotonic = monotonic
        self._records: dict[str, _DeliveryRecord] = {}

    async def claim(self, message_id: str, owner: str) -> Verdict:
        """Claims a message that is not remembered."""
        self._remove_expired()
        record = self._records.get(message_id)
        if record is None:
            self._records[message_id] = _DeliveryRecord(owner, self._monotonic() + self._claim_ttl_seconds)
            return Verdict.NEW
        return Verdict.DONE if record.owner is None else Verdict.IN_PROGRESS

    async def finish(self, message_id: str, owner: str) -> None:  # noqa: ARG002  # any owner may finish it
        """Remembers a message as handled."""
        self._records[message_id] = _DeliveryRecord(None, self._monotonic() + self._retention_seconds)

    async def release(self, message_id: str, owner: str) -> None:
        """Removes the claim of its owner."""
        record = self._records.get(message_id)
        if record is not None and record.owner == owner:
            del self._records[message_id]

    def _remove_expired(self) -> None:
        now = self._monotonic()
        for message_id in [message_id for message_id, record in self._records.items() if record.expires_at <= now]:
            del self._records[message_id]
