"""Changes all messages that match a query."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...domain.errors import IllegalTransitionError, MessageNotFoundError
from ...domain.time.instant import truncate_to_ms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from ...domain.messages.message import Message
    from ...domain.messages.query import Query
    from ...domain.messages.status import Status
    from ..events.events import Event
    from ..ports.clock import Clock
    from .list_messages import ListMessages
    from .update_message import MessageUpdater

PAGE_SIZE = 500
"""How many messages are in memory at a time, however many match."""
MAX_CONCURRENT_CHANGES = 16


class NoLongerMatchesError(Exception):
    """A message matched when it was listed, but must not be changed any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """The result of a change of many messages.

    Attributes:
        matched: How many messages matched the query when they were listed.
        changed: How many of these were changed. The others were claimed or ended before their turn came.
    """

    matched: int = 0
    changed: int = 0


class BulkChange:
    """Changes messages page by page, each in a step of its own. Changes made before an error stay."""

    def __init__(self, list_messages: ListMessages, updater: MessageUpdater, clock: Clock) -> None:
        self._list_messages = list_messages
        self._updater = updater
        self._clock = clock

    async def count(self, query: Query) -> BulkResult:
        """Counts the messages that match, and changes none.

        Raises:
            StoreUnavailableError: The store did not answer.
        """
        return await self._for_each(query, _change_nothing)

    async def change(
        self, query: Query, transition: Callable[[Message, datetime], Message], event: Callable[[Message], Event]
    ) -> BulkResult:
        """Changes the messages that match, if the transition is legal and they still match at their turn.

        All transitions get the same present: the time at which this call started.

        Args:
            query: The messages to change.
            transition: Returns the message in its next state, given the present.
            event: Makes the event that is recorded for a changed message.

        Raises:
            StoreUnavailableError: The store did not answer. Some messages may have been changed.
        """
        now = truncate_to_ms(self._clock.now())

        def change_if_matching(message: Message, _: datetime) -> Message:
            if not query.matches(message):
                raise NoLongerMatchesError
            return transition(message, now)

        async def change(message: Message) -> bool:
            try:
                await self._updater.apply(message.id, change_if_matching, event)
            except (IllegalTransitionError, MessageNotFoundError, NoLongerMatchesError):
                return False
            return True

        return await self._for_each(query, change)

    async def _for_each(self, query: Query, change: Callable[[Message], Awaitable[bool]]) -> BulkResult:
        matched = changed = 0
        page = await self._list_messages(query, None, PAGE_SIZE)
        while True:
            matched += len(page.messages)
            changed += await _count_changed(page.messages, change)
            if page.next is None:
                return BulkResult(matched=matched, changed=changed)
            page = await self._list_messages(query, page.next, PAGE_SIZE)


async def _count_changed(messages: Sequence[Message], change: Callable[[Message], Awaitable[bool]]) -> int:
    changed = 0
    for start in range(0, len(messages), MAX_CONCURRENT_CHANGES):
        group = messages[start : start + MAX_CONCURRENT_CHANGES]
        changed += sum(await asyncio.gather(*(change(message) for message in group)))
    return changed


async def _change_nothing(_: Message) -> bool:
    return False


def with_default_statuses(query: Query, *statuses: Status) -> Query:
    """Returns the query limited to these statuses, unless it names statuses itself."""
    return query if query.statuses else replace(query, statuses=frozenset(statuses))
