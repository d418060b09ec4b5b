from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.adapters.memory.partition_registry import MemoryPartitionRegistry
from postdate.application.events.events import MessageCancelled, MessageReplayed
from postdate.application.messages.bulk_change import PAGE_SIZE, BulkChange, BulkResult
from postdate.application.messages.cancel_messages import CancelMessages
from postdate.application.messages.list_messages import ListMessages
from postdate.application.messages.replay_messages import ReplayMessages
from postdate.application.messages.update_message import MessageUpdater
from postdate.application.storage.known_partitions import KnownPartitions
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.messages.outcome import Failure
from postdate.domain.messages.query import Query
from postdate.domain.messages.status import Status
from tests.faults import FaultInjector
from tests.unit.application.world import PARTITION, World, ms, seconds

if TYPE_CHECKING:
    from postdate.domain.messages.message import Message

ALL = Query()


class Bulk:
    """Both use cases, over a store whose connection tests can cut."""

    def __init__(self, world: World) -> None:
        self.events = MemoryEventRecorder()
        self.line = FaultInjector(world.clock)
        store = self.line.wrap(world.store)
        list_messages = ListMessages(store, KnownPartitions(MemoryPartitionRegistry(), [PARTITION]))
        updater = MessageUpdater(store, world.ids, world.doorbell, world.clock, self.events)
        bulk = BulkChange(list_messages, updater, world.clock)
        self.cancel = CancelMessages(bulk)
        self.replay = ReplayMessages(bulk)


async def dead(world: World, count: int) -> list[Message]:
    await world.writer.add([world.message(ms(0)) for _ in range(count)])
    lease = await world.locks.acquire(PARTITION, "a", seconds(2))
    claimed = await world.claims.claim_due(lease, count)
    died = [message.died(Failure(at=claimed.now, reason="no")) for message in claimed.messages]
    await world.claims.settle(lease, died)
    return died


async def test_each_of_many_messages_is_cancelled_and_reported_once(world: World) -> None:
    bulk, count = Bulk(world), 2 * PAGE_SIZE + 3
    await world.writer.add([world.message(ms(number % 3)) for number in range(count)])
    assert await bulk.cancel(ALL) == BulkResult(matched=count, changed=count)
    assert len({event.message.id for event in bulk.events.of(MessageCancelled)}) == count
    assert bulk.line.calls.count("find") == 3


async def test_a_dry_run_changes_nothing(world: World) -> None:
    bulk = Bulk(world)
    await world.add(seconds(1))
    assert await bulk.cancel(ALL, dry_run=True) == BulkResult(matched=1)
    assert "change" not in bulk.line.calls


async def test_a_message_that_no_longer_matches_at_its_turn_is_not_changed(world: World) -> None:
    bulk, message = Bulk(world), await world.add(seconds(1))
    await world.store.change(message.id, lambda message: replace(message, labels=("a",)))

    def relabel() -> None:
        partition = world.partitions[PARTITION]  # a change between two calls, which cannot be awaited
        partition.messages[message.id] = replace(partition.messages[message.id], labels=("b",))

    bulk.line.meanwhile["change"] = relabel
    assert await bulk.cancel(Query(label="a")) == BulkResult(matched=1, changed=0)
    assert (await world.get(message)).status is Status.SCHEDULED


async def test_dead_messages_are_replayed_and_the_doorbell_rings(world: World) -> None:
    bulk, messages, rings = Bulk(world), await dead(world, 3), list[None]()
    async with world.doorbell.listen(PARTITION, lambda: rings.append(None)):
        assert await bulk.replay(ALL) == BulkResult(matched=3, changed=3)
    assert rings
    assert {event.message.id for event in bulk.events.of(MessageReplayed)} == {it.id for it in messages}


async def test_a_message_that_dies_again_meanwhile_is_not_replayed_again(world: World) -> None:
    bulk, (message,) = Bulk(world), await dead(world, 1)

    def die_later() -> None:
        partition = world.partitions[PARTITION]
        partition.messages[message.id] = replace(message, ended_at=world.clock.now() + ms(1))

    bulk.line.meanwhile["change"] = die_later
    assert await bulk.replay(ALL) == BulkResult(matched=1, changed=0)


async def test_an_unavailable_store_ends_a_bulk_change(world: World) -> None:
    bulk = Bulk(world)
    await world.writer.add([world.message(seconds(1)) for _ in range(3)])
    bulk.line.faults["change"] = [StoreUnavailableError("away")]
    with pytest.raises(StoreUnavailableError):
        await bulk.cancel(ALL)
