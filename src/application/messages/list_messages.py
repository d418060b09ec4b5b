"""The use case that lists messages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...domain.messages.query import due_position
from ..ports.message_store import MessagePage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...domain.lease import Partition
    from ...domain.messages.message import Message
    from ...domain.messages.query import Position, Query
    from ..ports.message_store import MessageStore
    from ..storage.known_partitions import KnownPartitions

MAX_PASSES = 6
"""How often partitions are asked for one page. Where little is what is asked for, the page then ends short."""
AT_ONCE = 16
"""How many partitions are asked at the same time."""


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What is known of one partition: its first messages, and behind where to read on if it has more."""

    partition: Partition
    after: Position | None
    ended: bool = False
    messages: list[Message] = field(default_factory=list)


class ListMessages:
    """Lists what is asked for in due order over all partitions, a page at a time."""

    def __init__(self, store: MessageStore, partitions: KnownPartitions) -> None:
        self._store = store
        self._partitions = partitions

    async def __call__(self, query: Query, after: Position | None, limit: int) -> MessagePage:
        """Returns up to `limit` messages, at most 1,000, behind a position, or the first ones.

        Their order is that of due times, then of ids. A message that stays in its place is on exactly one of the
        pages that follow one another, however others come and go. Each partition is seen at one moment.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        partitions = await self._partitions()
        if len(partitions) == 1:
            return await self._store.find(partitions[0], query, after, limit)
        readings = [_Reading(partition=partition, after=after) for partition in partitions]
        share = limit // len(readings) + 1
        wanting: Sequence[_Reading] = readings
        for _ in range(MAX_PASSES):
            await self._read_on(wanting, query, min(share, limit))
            wanting = _in_the_way(readings, limit)
            if not wanting:
                break
            share *= 2
        return _page(readings, limit)

    async def _read_on(self, readings: Iterable[_Reading], query: Query, limit: int) -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def read(reading: _Reading) -> None:
            async with turns:
                page = await self._store.find(reading.partition, query, reading.after, limit)
            reading.messages += page.messages
            reading.after, reading.ended = page.next, page.next is None

        await asyncio.gather(*(read(reading) for reading in readings))


def _known_up_to(readings: Iterable[_Reading]) -> Position | None:
    """Returns up to where every partition is known; `None` if to its end."""
    return min((reading.after for reading in readings if reading.after is not None), default=None)


def _in_order(readings: Iterable[_Reading]) -> list[Message]:
    """Returns all that was read, in order. What was moved meanwhile may have been read twice."""
    by_id = {message.id: message for reading in readings for message in reading.messages}
    return sorted(by_id.values(), key=due_position)


def _certain(readings: Iterable[_Reading]) -> list[Message]:
    """Returns of that what nothing unread can come before."""
    end = _known_up_to(readings)
    return [message for message in _in_order(readings) if end is None or due_position(message) <= end]


def _in_the_way(readings: Sequence[_Reading], limit: int) -> Sequence[_Reading]:
    """Returns the partitions of which too little is known for a full page."""
    if len(_certain(readings)) >= limit:
        return ()
    page = _in_order(readings)[:limit]
    unread = [reading for reading in readings if not reading.ended]
    if len(page) < limit:
        return unread
    return [reading for reading in unread if reading.after is not None and reading.after < due_position(page[-1])]


def _page(readings: Sequence[_Reading], limit: int) -> MessagePage:
    certain = _certain(readings)
    if len(certain) > limit:
        return MessagePage(messages=certain[:limit], next=due_position(certain[limit - 1]))
    return MessagePage(messages=certain, next=_known_up_to(readings))
