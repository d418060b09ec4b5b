"""The use cases that change all messages that are asked for: cancel them, replay them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...domain.errors import IllegalTransitionError, MessageNotFoundError
from ...domain.messages.message import Message
from ...domain.messages.status import Status
from ...domain.time.instant import truncate_to_ms
from ..events.events import MessageCancelled, MessageReplayed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from ...domain.messages.query import Query
    from ..events.events import Event
    from ..ports.clock import Clock
    from .list_messages import ListMessages
    from .update_message import MessageUpdater

PAGE = 500
"""How many messages are held at a time, however many are asked for."""
AT_ONCE = 16
"""How many messages are changed at the same time."""


class _NoLongerMatchesError(Exception):
    """It is not asked for any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """What came of a change of many messages.

    Attributes:
        matched: how many were asked for when they were looked at.
        changed: how many of these were changed: the others had been claimed, or had ended, before it came to them.
    """

    matched: int = 0
    changed: int = 0


class BulkChange:
    """Changes messages page by page, each by a step of its own: what was changed stays so if a later one fails."""

    def __init__(self, listing: ListMessages, changes: MessageUpdater, clock: Clock) -> None:
        self._listing = listing
        self._changes = changes
        self._clock = clock

    async def count(self, query: Query) -> BulkResult:
        """Counts the messages that are asked for, and changes none.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        return await self._each(query, lambda _: _nothing())

    async def change(
        self, query: Query, transition: Callable[[Message, datetime], Message], event: Callable[[Message], Event]
    ) -> BulkResult:
        """Changes the messages that are asked for, as far as the transition is legal and they still are asked for.

        For all of them the present is when this began.

        Raises:
            StoreUnavailableError: the store did not answer; some may have been changed.
        """
        now = truncate_to_ms(self._clock.now())

        def still_wanted(message: Message, _: datetime) -> Message:
            if not query.matches(message):
                raise _NoLongerMatchesError
            return transition(message, now)

        async def change(message: Message) -> bool:
            try:
                await self._changes.apply(message.id, still_wanted, event)
            except (IllegalTransitionError, MessageNotFoundError, _NoLongerMatchesError):
                return False
            return True

        return await self._each(query, change)

    async def _each(self, query: Query, change: Callable[[Message], Awaitable[bool]]) -> BulkResult:
        matched = changed = 0
        page = await self._listing(query, None, PAGE)
        while True:
            matched += len(page.messages)
            for start in range(0, len(page.messages), AT_ONCE):
                batch = page.messages[start : start + AT_ONCE]
                changed += sum(await asyncio.gather(*(change(message) for message in batch)))
            if page.next is None:
                return BulkResult(matched=matched, changed=changed)
            page = await self._listing(query, page.next, PAGE)


async def _nothing() -> bool:
    return False


class CancelMessages:
    """Cancels what waits of the messages that are asked for."""

    def __init__(self, bulk: BulkChange) -> None:
        self._bulk = bulk

    async def __call__(self, query: Query, *, dry_run: bool = False) -> BulkResult:
        """Returns how many were asked for, and how many were cancelled.

        Where the query names no state, those that have ended already are not asked for.

        Raises:
            StoreUnavailableError: the store did not answer; some may have been cancelled.
        """
        query = _in_states(query, Status.SCHEDULED, Status.DELIVERING)
        if dry_run:
            return await self._bulk.count(query)
        return await self._bulk.change(query, Message.cancelled, MessageCancelled)


class ReplayMessages:
    """Puts what is dead of the messages that are asked for back to due."""

    def __init__(self, bulk: BulkChange) -> None:
        self._bulk = bulk

    async def __call__(self, query: Query, *, dry_run: bool = False) -> BulkResult:
        """Returns how many were asked for, and how many were replayed.

        Where the query names no state, only the dead are asked for. None is replayed twice, however fast it dies.

        Raises:
            StoreUnavailableError: the store did not answer; some may have been replayed.
        """
        query = _in_states(query, Status.DEAD)
        if dry_run:
            return await self._bulk.count(query)
        return await self._bulk.change(query, _replayed, MessageReplayed)


def _replayed(message: Message, now: datetime) -> Message:
    if message.ended_at is not None and message.ended_at > now:
        raise _NoLongerMatchesError  # it has died since, and may have been replayed by us
    return message.replayed(now)


def _in_states(query: Query, *statuses: Status) -> Query:
    return query if query.statuses else replace(query, statuses=frozenset(statuses))
