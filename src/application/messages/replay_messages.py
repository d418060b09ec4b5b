"""The use case that replays all dead messages that match a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.messages.status import Status
from ..events.events import MessageReplayed
from .bulk_change import NoLongerMatchesError, with_default_statuses

if TYPE_CHECKING:
    from datetime import datetime

    from ...domain.messages.message import Message
    from ...domain.messages.query import Query
    from .bulk_change import BulkChange, BulkResult


class ReplayMessages:
    """Makes the dead messages among those that match a query due again."""

    def __init__(self, bulk_change: BulkChange) -> None:
        self._bulk_change = bulk_change

    async def __call__(self, query: Query, *, dry_run: bool = False) -> BulkResult:
        """Replays the messages, or only counts them in a dry run. Returns how many matched and were replayed.

        A query that names no status matches only dead messages. No message is replayed twice, however soon it dies
        again.

        Raises:
            StoreUnavailableError: The store did not answer. Some messages may have been replayed.
        """
        query = with_default_statuses(query, Status.DEAD)
        if dry_run:
            return await self._bulk_change.count(query)
        return await self._bulk_change.change(query, _replay_unless_just_died, MessageReplayed)


def _replay_unless_just_died(message: Message, now: datetime) -> Message:
    if message.ended_at is not None and message.ended_at > now:
        # The message died after the change started, so the change may itself have replayed it.
        raise NoLongerMatchesError
    return message.replayed(now)
