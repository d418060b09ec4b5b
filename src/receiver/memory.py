"""Messages remembered in this process."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from .deliveries import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class _Entry:
    owner: str | None
    until: float


class MemoryDeliveries:
    """For an application of one process: it forgets everything when that ends."""

    def __init__(
        self,
        claim: timedelta = timedelta(minutes=5),
        remember: timedelta = timedelta(days=3),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes how long a claim holds that nobody ends, how long to remember, and a clock in seconds."""
        self._claim_seconds = claim.total_seconds()
        self._remember_seconds = remember.total_seconds()
        self._monotonic = monotonic
        self._entries: dict[str, _Entry] = {}

    async def claim(self, message_id: str, owner: str) -> Verdict:
        """Claims a message that is not here."""
        self._forget()
        entry = self._entries.get(message_id)
        if entry is None:
            self._entries[message_id] = _Entry(owner, self._monotonic() + self._claim_seconds)
            return Verdict.NEW
        return Verdict.DONE if entry.owner is None else Verdict.IN_PROGRESS

    async def finish(self, message_id: str, owner: str) -> None:  # noqa: ARG002  # whoever has handled it
        """Remembers a message as handled."""
        self._entries.pop(message_id, None)
        self._entries[message_id] = _Entry(None, self._monotonic() + self._remember_seconds)

    async def release(self, message_id: str, owner: str) -> None:
        """Forgets a claim."""
        entry = self._entries.get(message_id)
        if entry is not None and entry.owner == owner:
            del self._entries[message_id]

    def _forget(self) -> None:
        now = self._monotonic()
        for message_id in [message_id for message_id, entry in self._entries.items() if entry.until <= now]:
            del self._entries[message_id]
