from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.adapters.memory.clock import ManualClock
from postdate.adapters.memory.message_store import MemoryMessageStore
from postdate.adapters.memory.message_writer import MemoryMessageWriter
from postdate.adapters.memory.partition_registry import MemoryPartitionRegistry
from postdate.adapters.memory.partitions import MemoryPartitions
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.application.messages.list_messages import MAX_PASSES, ListMessages
from postdate.application.storage.known_partitions import KnownPartitions
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.lease import Partition
from postdate.domain.messages.message import Message
from postdate.domain.messages.query import Position, Query, due_position
from tests.faults import FaultInjector

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from postdate.application.ports.message_store import MessagePage

MS = timedelta(milliseconds=1)
MAX_PAGES = 1_000
ANY = Query()


class ShortSightedStore(MemoryMessageStore):
    """Reads few messages in a call, as a store may."""

    def __init__(
        self, partitions: MemoryPartitions, ids: ShortIdGenerator, clock: ManualClock, max_read: int
    ) -> None:
        super().__init__(partitions, ids, clock)
        self._max_read = max_read
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def find(self, partition: Partition, query: Query, after: Position | None, limit: int) -> MessagePage:
        page = await super().find(partition, ANY, after, min(self._max_read, limit))
        if self.meanwhile is not None:
            await self.meanwhile()
        return replace(page, messages=list(filter(query.matches, page.messages)))


@dataclass
class Shelf:
    """Messages in several partitions."""

    store: ShortSightedStore
    writer: MemoryMessageWriter
    faults: FaultInjector
    listing: ListMessages
    clock: ManualClock
    ids: ShortIdGenerator

    async def add(self, due_in_ms: int, to: str = "console") -> Message:
        now = self.clock.now()
        due_at = now + due_in_ms * MS
        message = Message(id=self.ids.next(now), body=b"1", to=to, at=due_at, due_at=due_at, created_at=now)
        await self.writer.add([message])
        return message

    async def pages(self, query: Query, limit: int) -> list[MessagePage]:
        read = [await self.listing(query, None, limit)]
        while read[-1].next is not None:
            read.append(await self.listing(query, read[-1].next, limit))
            assert len(read) < MAX_PAGES
        return read

    async def listed(self, query: Query, limit: int) -> list[Message]:
        return [message for page in await self.pages(query, limit) for message in page.messages]


def shelf_of(partitions: int, max_read: int = 1_000) -> Shelf:
    clock, ids = ManualClock(), ShortIdGenerator(partitions)
    partitions_in_memory = MemoryPartitions()
    store = ShortSightedStore(partitions_in_memory, ids, clock, max_read)
    writer, faults = MemoryMessageWriter(partitions_in_memory, ids, clock), FaultInjector(clock)
    known = KnownPartitions(MemoryPartitionRegistry(), [Partition(number) for number in range(partitions)])
    listing = ListMessages(faults.wrap(store), known)
    return Shelf(store=store, writer=writer, faults=faults, listing=listing, clock=clock, ids=ids)


@given(
    partitions=st.integers(1, 7),
    max_read=st.integers(1, 9),
    limit=st.integers(1, 12),
    contents=st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["console", "elsewhere"])), max_size=40),
    to=st.sampled_from([None, "elsewhere"]),
)
async def test_all_pages_together_are_in_the_order_of_a_plain_sort(
    partitions: int, max_read: int, limit: int, contents: list[tuple[int, str]], to: str | None
) -> None:
    shelf, query = shelf_of(partitions, max_read), Query(to=to)
    messages = [await shelf.add(due_in_ms, where) for due_in_ms, where in contents]
    assert await shelf.listed(query, limit) == sorted(filter(query.matches, messages), key=due_position)


@pytest.mark.parametrize("partitions", [1, 2, 5])
async def test_a_page_is_full_if_there_are_enough_messages(partitions: int) -> None:
    shelf = shelf_of(partitions)
    for number in range(50):
        await shelf.add(number % 7)
    assert [len(page.messages) for page in await shelf.pages(ANY, 25)] == [25, 25]


async def test_a_page_is_full_even_if_one_partition_has_all_of_it() -> None:
    shelf = shelf_of(8)
    for number in range(320):
        await shelf.add(number if number % 8 == 0 else 10_000)
    page = await shelf.listing(ANY, None, 40)
    assert len(page.messages) == 40
    assert {message.id[-1] for message in page.messages} == {page.messages[0].id[-1]}


async def test_few_more_messages_are_read_than_are_listed() -> None:
    shelf = shelf_of(4)
    for number in range(400):
        await shelf.add(number)
    assert len((await shelf.listing(ANY, None, 100)).messages) == 100
    assert len(shelf.faults.calls) <= 8


async def test_the_work_for_a_page_of_a_rare_match_is_bounded() -> None:
    shelf = shelf_of(3, max_read=1)
    for number in range(300):
        await shelf.add(number)
    page = await shelf.listing(Query(to="nowhere"), None, 100)
    assert page.messages == []
    assert page.next is not None
    assert len(shelf.faults.calls) <= 3 * MAX_PASSES


async def test_a_message_that_moves_while_a_page_is_read_is_on_it_once() -> None:
    shelf = shelf_of(2, max_read=1)
    for number in range(6):
        await shelf.add(number)
    moving = (await shelf.listing(ANY, None, 1)).messages[0]
    shelf.store.meanwhile = lambda: shelf.store.change(
        moving.id, lambda message: replace(message, due_at=shelf.clock.now() + 4 * MS)
    )
    ids = [message.id for message in (await shelf.listing(ANY, None, 6)).messages]
    assert len(ids) == len(set(ids))


async def test_an_unavailable_store_is_reported() -> None:
    shelf = shelf_of(3)
    shelf.faults.cut = True
    with pytest.raises(StoreUnavailableError):
        await shelf.listing(ANY, None, 10)
