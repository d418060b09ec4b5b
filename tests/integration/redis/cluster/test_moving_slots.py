"""Slots that migrate from one node to another while messages are added and claimed."""

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
    """The migration of the first partition's slot from its node to another node."""

    slot: int
    source: PortServer
    target: PortServer
    masters: Sequence[PortServer]

    def begin(self) -> None:
        self.target.ask("CLUSTER", "SETSLOT", self.slot, "IMPORTING", self.source.ask("CLUSTER", "MYID").decode())
        self.source.ask("CLUSTER", "SETSLOT", self.slot, "MIGRATING", self.target.ask("CLUSTER", "MYID").decode())

    def migrate(self, key: str) -> None:
        self.source.ask("MIGRATE", HOST, self.target.port, key, 0, 5000)

    def end(self) -> None:
        """Assigns the slot to its new node. That node learns of it first, so that the slot always has a node."""
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


async def test_a_command_follows_migrated_keys_to_their_new_node(
    move: Move, world: StoreWorld, redis: Redis, keys: KeySpace
) -> None:
    await world.added()
    move.begin()
    move.migrate(keys[FIRST].messages)
    move.migrate(keys[FIRST].due)
    # There are many connections to that node. ASKING and the command after it must use the same one.
    await asyncio.gather(*(redis.ping() for _ in range(10)), *(world.added() for _ in range(20)))
    move.end()
    await world.added()
    assert len(await world.claim(await world.lease())) == 22


async def test_a_pipeline_follows_migrated_keys_to_their_new_node(
    move: Move, world: StoreWorld, redis: Redis, keys: KeySpace
) -> None:
    first, second = keys[FIRST].messages, keys[FIRST].due
    message = await world.added()
    move.begin()
    move.migrate(first)
    move.migrate(second)
    for moving in (True, False):
        async with redis.pipeline(transaction=False) as pipeline:
            pipeline.execute_command("HEXISTS", first, message.id)
            pipeline.execute_command("ZCARD", second)
            assert list(await pipeline.execute()) == [1, 1]
        if moving:
            move.end()


async def test_a_command_waits_while_the_keys_of_a_partition_are_on_two_nodes(
    move: Move, world: StoreWorld, keys: KeySpace
) -> None:
    await world.added()
    move.begin()
    move.migrate(keys[FIRST].messages)
    adding = asyncio.create_task(world.added())
    await asyncio.wait((adding,), timeout=0.2)
    assert not adding.done()
    move.migrate(keys[FIRST].due)
    await adding
    move.end()
    assert len(await world.claim(await world.lease())) == 2


async def test_a_long_migration_of_a_slot_makes_only_its_partition_unavailable(
    move: Move, world: StoreWorld, keys: KeySpace
) -> None:
    await world.added()
    move.begin()
    move.migrate(keys[FIRST].messages)
    with pytest.raises(StoreUnavailableError, match="is moving"):
        await world.added()
    other = world.message(partition=LAST_OF_ONE_DIGIT)
    await world.writer.add([other])
    assert await world.now_in_store(other) == other
    move.migrate(keys[FIRST].due)
    move.end()
