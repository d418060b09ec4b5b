"""Slots that move from one node to another while messages come and go."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from redis.crc import key_slot

from postdate.domain.errors import StoreUnavailableError
from tests.contracts.world import FIRST, LAST_OF_ONE_DIGIT
from tests.integration.servers.port_servers import HOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace
    from tests.contracts.world import StoreWorld
    from tests.integration.servers.cluster_servers import ClusterServers
    from tests.integration.servers.port_servers import PortServer


@dataclass(frozen=True, kw_only=True)
class Move:
    """The move of the first partition's slot from its node to another."""

    slot: int
    source: PortServer
    target: PortServer
    masters: Sequence[PortServer]

    def begin(self) -> None:
        self.target.ask("CLUSTER", "SETSLOT", self.slot, "IMPORTING", self.source.ask("CLUSTER", "MYID").decode())
        self.source.ask("CLUSTER", "SETSLOT", self.slot, "MIGRATING", self.target.ask("CLUSTER", "MYID").decode())

    def take_along(self, key: str) -> None:
        self.source.ask("MIGRATE", HOST, self.target.port, key, 0, 5000)

    def end(self) -> None:
        """Gives the slot to its new node, which is told first: else nobody has it for a moment."""
        name = self.target.ask("CLUSTER", "MYID").decode()
        for node in (self.target, *(master for master in self.masters if master is not self.target)):
            node.ask("CLUSTER", "SETSLOT", self.slot, "NODE", name)


@pytest.fixture
def move(cluster: ClusterServers, keys: KeySpace) -> Move:
    source = cluster.master_of(keys[FIRST].messages)
    return Move(
        slot=key_slot(keys[FIRST].messages.encode()),
        source=source,
        target=next(node for node in cluster.masters if node is not source),
        masters=cluster.masters,
    )


async def test_what_has_gone_to_another_node_is_asked_for_there(
    move: Move, world: StoreWorld, redis: Redis, keys: KeySpace
) -> None:
    await world.added()
    move.begin()
    move.take_along(keys[FIRST].messages)
    move.take_along(keys[FIRST].due)
    # Of many connections to that node, the one that asks must be the one that goes on.
    await asyncio.gather(*(redis.ping() for _ in range(10)), *(world.added() for _ in range(20)))
    move.end()
    await world.added()
    assert len(await world.claim(await world.lease())) == 22


async def test_what_is_sent_together_has_gone_to_another_node_together(
    move: Move, world: StoreWorld, redis: Redis, keys: KeySpace
) -> None:
    first, second = keys[FIRST].messages, keys[FIRST].due
    message = await world.added()
    move.begin()
    move.take_along(first)
    move.take_along(second)
    for moving in (True, False):
        async with redis.pipeline(transaction=False) as pipeline:
            pipeline.execute_command("HEXISTS", first, message.id)
            pipeline.execute_command("ZCARD", second)
            assert list(await pipeline.execute()) == [1, 1]
        if moving:
            move.end()


async def test_a_partition_whose_keys_are_at_two_nodes_waits_for_them_to_be_at_one(
    move: Move, world: StoreWorld, keys: KeySpace
) -> None:
    await world.added()
    move.begin()
    move.take_along(keys[FIRST].messages)
    adding = asyncio.create_task(world.added())
    await asyncio.wait((adding,), timeout=0.2)
    assert not adding.done()
    move.take_along(keys[FIRST].due)
    await adding
    move.end()
    assert len(await world.claim(await world.lease())) == 2


async def test_a_slot_that_moves_for_long_makes_its_partition_unavailable_and_no_other(
    move: Move, world: StoreWorld, keys: KeySpace
) -> None:
    await world.added()
    move.begin()
    move.take_along(keys[FIRST].messages)
    with pytest.raises(StoreUnavailableError, match="is moving"):
        await world.added()
    other = world.message(partition=LAST_OF_ONE_DIGIT)
    await world.writer.add([other])
    assert await world.now_in_store(other) == other
    move.take_along(keys[FIRST].due)
    move.end()
