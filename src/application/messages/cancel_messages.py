"""The use case that cancels all messages that match a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.messages.message import Message
from ...domain.messages.status import Status
from ..events.events import MessageCancelled
from .bulk_change import with_default_statuses

if TYPE_CHECKING:
    from ...domain.messages.query import Query
    from .bulk_change import BulkChange, BulkResult


class CancelMessages:
    """Cancels the waiting messages among those that match a query."""

    def __init__(self, bulk_change: BulkChange) -> None:
        self._bulk_change = bulk_change

    async def __call__(self, query: Query, *, dry_run: bool = False) -> BulkResult:
        """Cancels the messages, or only counts them in a dry run. Returns how many matched and were cancelled.

        A query that names no status does not match messages that have ended.

        Raises:
            StoreUnavailableError: The store did not answer. Some messages may have been cancelled.
        """
        query = with_default_statuses(query, Status.SCHEDULED, Status.DELIVERING)
        if dry_run:
            return await self._bulk_change.count(query)
        return await self._bulk_change.change(query, Message.cancelled, MessageCancelled)
