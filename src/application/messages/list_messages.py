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
"""How often partitions are read for one page. If few messages match, the page then ends before it is full."""
MAX_CONCURRENT_READS = 16
"""How many partitions are read at the same time."""


@dataclass(slots=True, kw_only=True)
class _PartitionScan:
    """How far a partition has been read for one page.

    Attributes:
        partition: The partition.
        position: The position up to which it has been read. The next pass continues after it.
        ended: Whether the partition has no more messages.
        messages: The matching messages so far.
    """

    partition: Partition
    position: Position | None
    ended: bool = False
    messages: list[Message] = field(default_factory=list)


class ListMessages:
    """Lists the messages that match a query, in due order over all partitions, one page at a time."""

    def __init__(self, store: MessageStore, partitions: KnownPartitions) -> None:
        self._store = store
        self._partitions = partitions

    async def __call__(self, query: Query, after: Position | None, limit: int) -> MessagePage:
        """Returns up to `limit` messages, at most 1,000, after a position. `None` starts with the first message.

        Messages are ordered by due time, then by id. A message that keeps its position is on exactly one of
        consecutive pages, whichever other messages are added or removed. Each partition is read at one instant.

        Raises:
            StoreUnavailableError: The store did not answer.
        """
        partitions = await self._partitions()
        if len(partitions) == 1:
            return await self._store.find(partitions[0], query, after, limit)
        scans = [_PartitionScan(partition=partition, position=after) for partition in partitions]
        share = limit // len(scans) + 1
        incomplete: Sequence[_PartitionScan] = scans
        for _ in range(MAX_PASSES):
            await self._continue(incomplete, query, min(share, limit))
            incomplete = _incomplete(scans, limit)
            if not incomplete:
                break
            share *= 2
        return _page(scans, limit)

    async def _continue(self, scans: Iterable[_PartitionScan], query: Query, limit: int) -> None:
        slots = asyncio.Semaphore(MAX_CONCURRENT_READS)

        async def read(scan: _PartitionScan) -> None:
            async with slots:
                page = await self._store.find(scan.partition, query, scan.position, limit)
            scan.messages += page.messages
            scan.position, scan.ended = page.next, page.next is None

        await asyncio.gather(*(read(scan) for scan in scans))


def _read_position(scans: Iterable[_PartitionScan]) -> Position | None:
    """Returns the position up to which every partition has been read. `None`: all have been read to their end."""
    return min((scan.position for scan in scans if scan.position is not None), default=None)


def _in_order(scans: Iterable[_PartitionScan]) -> list[Message]:
    """Returns all messages that were read, in order. A message that moved meanwhile may have been read twice."""
    by_id = {message.id: message for scan in scans for message in scan.messages}
    return sorted(by_id.values(), key=due_position)


def _complete(scans: Iterable[_PartitionScan]) -> list[Message]:
    """Returns the messages that no unread message can come before, in order."""
    end = _read_position(scans)
    return [message for message in _in_order(scans) if end is None or due_position(message) <= end]


def _incomplete(scans: Sequence[_PartitionScan], limit: int) -> Sequence[_PartitionScan]:
    """Returns the partitions of which too little has been read for a full page."""
    if len(_complete(scans)) >= limit:
        return ()
    page = _in_order(scans)[:limit]
    unread = [scan for scan in scans if not scan.ended]
    if len(page) < limit:
        return unread
    return [scan for scan in unread if scan.position is not None and scan.position < due_position(page[-1])]


def _page(scans: Sequence[_PartitionScan], limit: int) -> MessagePage:
    complete = _complete(scans)
    if len(complete) > limit:
        return MessagePage(messages=complete[:limit], next=due_position(complete[limit - 1]))
    return MessagePage(messages=complete, next=_read_position(scans))
