"""The nodes of a cluster and the slots that each of them has."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

from redis import exceptions

from .bounded_redis import MAX_DISCOVERY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from redis.asyncio import Redis

    from .url import Address


class Topology:
    """The master of each slot. Marked as outdated, it is loaded again from the nodes before the next command."""

    def __init__(self, seeds: Sequence[Address], create_client: Callable[[Address], Redis]) -> None:
        self._seeds = seeds
        self._create_client = create_client
        self._clients: dict[Address, Redis] = {}
        self._nodes = set(seeds)
        self._masters: dict[int, Address] = {}
        self._is_outdated = True
        self._loading = asyncio.Lock()
        self._random = random.SystemRandom()

    async def master_of(self, slot: int) -> Redis:
        """Returns the client of the master of a slot.

        Raises:
            redis.exceptions.ClusterDownError: No node has the slot.
            redis.exceptions.ConnectionError: No node of the cluster answers.
        """
        if self._is_outdated:
            await self._load()
        master = self._masters.get(slot)
        if master is None:
            raise exceptions.ClusterDownError(f"no node of the cluster has slot {slot}")
        return self.node_at(master)

    def node_at(self, address: Address) -> Redis:
        """Returns the client of the node at an address; the same client in each call."""
        client = self._clients.get(address)
        if client is None:
            client = self._clients[address] = self._create_client(address)
        return client

    def any_node(self) -> Redis:
        """Returns the client of a random node: if it is unavailable, another call may return another node."""
        return self.node_at(self._random.choice(sorted(self._nodes)))

    def mark_outdated(self) -> None:
        """Makes the next command wait until the topology is loaded again."""
        self._is_outdated = True

    def move(self, slot: int, address: Address) -> None:
        """Stores the new master of a slot, as a node reported it. Other nodes may not know it yet."""
        self._masters[slot] = address

    async def aclose(self) -> None:
        """Closes all connections."""
        self._is_outdated = True
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def _load(self) -> None:
        async with self._loading:
            if self._is_outdated:  # another task may have loaded it while this one waited for the lock
                await self._load_from_any_node()

    async def _load_from_any_node(self) -> None:
        latest_error: Exception | None = None
        for address in self._random.sample(sorted(self._nodes), len(self._nodes)):
            try:
                ranges = await self._slot_ranges(address)
            except (exceptions.RedisError, OSError) as error:
                latest_error = error
            else:
                if ranges:
                    return self._replace(address, ranges)
        reason = latest_error or "no node has a slot"
        raise exceptions.ConnectionError(f"no node answers which node has which slot: {reason}")

    async def _slot_ranges(self, address: Address) -> Sequence[Any]:
        async with asyncio.timeout(MAX_DISCOVERY_SECONDS):
            node = self.node_at(address)
            ranges: Sequence[Any] = await node.execute_command("CLUSTER", "SLOTS")  # type: ignore[no-untyped-call]
        return ranges

    def _replace(self, asked: Address, ranges: Iterable[Any]) -> None:
        """Replaces the topology by an answer: first slot, last slot, master and replicas of each range."""
        masters: dict[int, Address] = {}
        nodes = set(self._seeds)
        for first, last, *range_nodes in ranges:
            addresses = [_address(node, asked) for node in range_nodes]
            nodes.update(addresses)
            masters.update(dict.fromkeys(range(first, last + 1), addresses[0]))
        self._masters, self._nodes, self._is_outdated = masters, nodes, False


def _address(node: Sequence[Any], asked: Address) -> Address:
    """Returns the address of a node. A node that does not know its own host has the host of the node asked."""
    host, port = node[0], node[1]
    return (host.decode() if isinstance(host, bytes) else host) or asked[0], port
