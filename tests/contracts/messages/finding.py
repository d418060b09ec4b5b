from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.application.ports.message_store import MessagePage
from postdate.domain.ids import MessageId
from postdate.domain.messages.query import Position, Query, due_position
from postdate.domain.messages.status import Status
from tests.contracts.world import FIRST, FIRST_OF_TWO_DIGITS, MS, StoreWorld, ids_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from postdate.domain.messages.message import Message

ANY = Query()
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
MAX_PAGES = 500


async def pages(world: StoreWorld, query: Query, limit: int = 10) -> list[MessagePage]:
    """Returns all pages."""
    read = [await world.store.find(FIRST, query, None, limit)]
    while read[-1].next is not None:
        read.append(await world.store.find(FIRST, query, read[-1].next, limit))
        assert len(read) < MAX_PAGES
    return read


async def found(world: StoreWorld, query: Query, limit: int = 10) -> list[Message]:
    return [message for page in await pages(world, query, limit) for message in page.messages]


async def one_of_each(world: StoreWorld) -> dict[Status, MessageId]:
    """Adds a message in each state, in the order of the states, and returns the ids."""
    lease = await world.lease(ttl=HOUR)
    added = [await world.added(-SECOND + number * MS) for number in range(len(Status))]
    ids = dict(zip(Status, ids_of(added), strict=True))
    for status in (Status.SCHEDULED, Status.CANCELLED):
        await world.store.change(ids[status], lambda message: message.cancelled(world.clock.now()))
    ids[Status.SCHEDULED] = (await world.added(HOUR)).id
    held = {message.id: message for message in await world.claim(lease)}
    now = world.clock.now()
    await world.claims.settle(
        lease,
        [
            held[ids[Status.DELIVERED]].delivered(now),
            held[ids[Status.DEAD]].died(world.failure()),
            held[ids[Status.EXPIRED]].expired(now),
        ],
    )
    return ids


async def random_contents(world: StoreWorld, seed: int, *labels: str) -> list[MessageId]:
    """Fills the first partition with messages in every state, many of them with the same due time."""
    draw = random.Random(seed)  # noqa: S311  # a seed makes the contents reproducible
    lease = await world.lease(ttl=HOUR)
    messages = [
        world.message(
            draw.choice((-2, -1, 0, 5)) * MS,
            to=draw.choice(("console", "elsewhere")),
            labels=tuple(label for label in labels if draw.random() < 0.5),
        )
        for _ in range(draw.randrange(1, 60))
    ]
    draw.shuffle(messages)
    await world.writer.add(messages)
    for message in draw.sample(messages, len(messages) // 4):
        await world.cancel(message.id)
    now = world.clock.now()
    settled = []
    for message in await world.claim(lease):
        choices = [message.delivered(now), message.died(world.failure()), message.expired(now), None]
        choices += [message.given_back(), message.retried(world.failure(), now + draw.randrange(9) * MS)]
        chosen = draw.choice(choices)
        settled += [] if chosen is None else [chosen]
    await world.claims.settle(lease, settled)
    return ids_of(messages)


async def stored(world: StoreWorld, ids: Sequence[MessageId]) -> list[Message]:
    """Returns the stored messages, in due order."""
    messages = [await world.store.get(message_id) for message_id in ids]
    return sorted((message for message in messages if message is not None), key=due_position)


class Finding:
    async def test_nothing_is_found_in_an_empty_partition(self, world: StoreWorld) -> None:
        assert await pages(world, ANY) == [MessagePage(messages=[], next=None)]

    async def test_messages_in_every_state_are_found_in_due_order(self, world: StoreWorld) -> None:
        ids = await one_of_each(world)
        messages = await found(world, ANY)
        assert messages == sorted(messages, key=due_position)
        assert {message.id: message.status for message in messages} == {
            **{message_id: status for status, message_id in ids.items()},
            messages[0].id: Status.CANCELLED,
        }

    async def test_a_message_is_found_in_its_current_state(self, world: StoreWorld) -> None:
        ids = await one_of_each(world)
        for message in await found(world, ANY):
            assert message == await world.store.get(message.id)
        (delivering,) = await found(world, Query(statuses=frozenset((Status.DELIVERING,))))
        assert delivering.id == ids[Status.DELIVERING]
        assert delivering.claim is not None

    @pytest.mark.parametrize("status", Status)
    async def test_messages_in_one_state_are_found(self, world: StoreWorld, status: Status) -> None:
        ids = await one_of_each(world)
        messages = await found(world, Query(statuses=frozenset((status,))))
        assert ids[status] in ids_of(messages)
        assert {message.status for message in messages} == {status}

    async def test_messages_to_one_destination_are_found(self, world: StoreWorld) -> None:
        there, elsewhere = world.message(to="there"), world.message(to="there:behind")
        await world.writer.add([there, elsewhere])
        assert await found(world, Query(to="there")) == [there]
        assert await found(world, Query(to="her")) == []

    async def test_messages_due_within_a_range_are_found(self, world: StoreWorld) -> None:
        messages = [await world.added(number * MS) for number in range(5)]
        query = Query(due_after=messages[1].due_at, due_before=messages[3].due_at)
        assert await found(world, query) == messages[1:3]
        assert await found(world, Query(due_after=messages[3].due_at)) == messages[3:]
        assert await found(world, Query(due_before=messages[1].due_at)) == messages[:1]
        assert await found(world, Query(due_after=messages[3].due_at, due_before=messages[1].due_at)) == []

    async def test_a_page_ends_where_the_next_begins(self, world: StoreWorld) -> None:
        messages = await world.all_added(5)
        first, second, third = await pages(world, ANY, limit=2)
        assert [list(page.messages) for page in (first, second, third)] == [
            messages[:2],
            messages[2:4],
            messages[4:],
        ]
        assert (first.next, third.next) == (due_position(messages[1]), None)

    async def test_a_page_that_ends_with_the_last_message_has_no_next(self, world: StoreWorld) -> None:
        await world.all_added(4)
        assert [len(page.messages) for page in await pages(world, ANY, limit=2)] == [2, 2]

    async def test_a_position_need_not_be_that_of_a_message(self, world: StoreWorld) -> None:
        first, second, third = await world.all_added(3)
        await world.store.change(second.id, lambda message: message.cancelled(world.clock.now()))
        for gone in (second.id, second.id + "0", first.id + "0"):
            page = await world.store.find(FIRST, ANY, Position(due_at=first.due_at, message_id=gone), 10)
            assert ids_of(page.messages) == [third.id] if gone.startswith(second.id) else [second.id, third.id]
        page = await world.store.find(FIRST, ANY, Position(due_at=first.due_at + MS), 10)
        assert page.messages == []

    async def test_ids_sort_by_their_code_points(self, world: StoreWorld) -> None:
        lower, upper = sorted((world.message(), world.message()), key=due_position)
        mixed = [("a", lower), ("B", upper)]
        messages = [_renamed(message, letter) for letter, message in mixed]
        await world.writer.add(messages)
        assert ids_of(await found(world, ANY, limit=1)) == sorted(ids_of(messages))

    async def test_partitions_are_independent(self, world: StoreWorld) -> None:
        there = world.message(partition=FIRST_OF_TWO_DIGITS)
        await world.writer.add([there])
        assert await found(world, ANY) == []
        assert (await world.store.find(FIRST_OF_TWO_DIGITS, ANY, None, 10)).messages == [there]

    async def test_a_forgotten_message_is_not_found(self, world: StoreWorld) -> None:
        lease = await world.lease()
        await world.delivered(lease)
        world.go_on(timedelta(days=2))
        await world.claims.settle(lease, [])
        assert await found(world, ANY) == []

    @pytest.mark.parametrize("limit", [1, 3, 1000])
    @pytest.mark.parametrize("seed", range(4))
    async def test_all_pages_together_equal_a_plain_sort(self, world: StoreWorld, seed: int, limit: int) -> None:
        messages = await stored(world, await random_contents(world, seed))
        now = world.clock.now()
        queries = [
            ANY,
            Query(statuses=frozenset((Status.DELIVERED, Status.SCHEDULED))),
            Query(statuses=frozenset((Status.CANCELLED,)), to="elsewhere"),
            Query(due_after=now - MS, due_before=now + 6 * MS),
            Query(to="console", due_before=now),
        ]
        for query in queries:
            assert await found(world, query, limit) == list(filter(query.matches, messages))

    async def test_a_message_is_found_once_while_others_are_added_and_removed(self, world: StoreWorld) -> None:
        lease = await world.lease(ttl=HOUR)
        staying = await world.all_added(30)
        going = await world.all_added(10, -MS)
        read = [await world.store.find(FIRST, ANY, None, 7)]
        while read[-1].next is not None:
            await world.writer.add([world.message(-2 * MS), world.message(), world.message(MS)])
            if going:
                await world.cancel(going.pop().id)
            claimed = await world.claim(lease, 3)
            await world.claims.settle(lease, [message.delivered(world.clock.now()) for message in claimed])
            await world.claim(lease, 2)
            read.append(await world.store.find(FIRST, ANY, read[-1].next, 7))
            assert len(read) < MAX_PAGES
        ids = ids_of([message for page in read for message in page.messages])
        assert len(set(ids)) == len(ids)
        assert set(ids_of(staying)) <= set(ids)


def _renamed(message: Message, letter: str) -> Message:
    return replace(message, id=MessageId(message.id[:7] + letter + message.id[8:]))
