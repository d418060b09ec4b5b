"""Which node of a cluster has which slot."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

from redis import exceptions

from .bounded import ASK_FOR_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from redis.asyncio import Redis

    from .url import Address


class Topology:
    """Knows the master of each slot, and asks the nodes again once there is doubt."""

    def __init__(self, seeds: Sequence[Address], make: Callable[[Address], Redis]) -> None:
        self._seeds = seeds
        self._make = make
        self._clients: dict[Address, Redis] = {}
        self._members = set(seeds)
        self._masters: dict[int, Address] = {}
        self._in_doubt = True
        self._asking = asyncio.Lock()
        self._random = random.SystemRandom()

    async def master_of(self, slot: int) -> Redis:
        """Returns the master of a slot.

        Raises:
            redis.exceptions.ClusterDownError: no node has it.
            redis.exceptions.ConnectionError: no node of the cluster answers.
        """
        if self._in_doubt:
            await self._ask()
        master = self._masters.get(slot)
        if master is None:
            raise exceptions.ClusterDownError(f"no node of the cluster has slot {slot}")
        return self.node_at(master)

    def node_at(self, address: Address) -> Redis:
        """Returns the client of a node, always the same."""
        client = self._clients.get(address)
        if client is None:
            client = self._clients[address] = self._make(address)
        return client

    def any_node(self) -> Redis:
        """Returns some node; another in another call, since one may be away."""
        return self.node_at(self._random.choice(sorted(self._members)))

    def doubt(self) -> None:
        """Has the nodes asked before the next command is sent."""
        self._in_doubt = True

    def move(self, slot: int, address: Address) -> None:
        """Takes note of what a node said: its word is newer than what the others may know yet."""
        self._masters[slot] = address

    async def aclose(self) -> None:
        """Closes all connections."""
        self._in_doubt = True
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def _ask(self) -> None:
        async with self._asking:
            if self._in_doubt:  # nobody else has asked meanwhile
                await self._ask_until_answered()

    async def _ask_until_answered(self) -> None:
        why: Exception | None = None
        for address in self._random.sample(sorted(self._members), len(self._members)):
            try:
                ranges = await self._slots_by(address)
            except (exceptions.RedisError, OSError) as error:
                why = error
            else:
                if ranges:
                    return self._learn(address, ranges)
        raise exceptions.ConnectionError(f"no node tells which has which slot: {why or 'none has any'}")

    async def _slots_by(self, address: Address) -> Sequence[Any]:
        async with asyncio.timeout(ASK_FOR_SECONDS):
            node = self.node_at(address)
            ranges: Sequence[Any] = await node.execute_command("CLUSTER", "SLOTS")  # type: ignore[no-untyped-call]
        return ranges

    def _learn(self, asked: Address, ranges: Iterable[Any]) -> None:
        """Takes over an answer: first slot, last slot, master and replicas of each range."""
        masters: dict[int, Address] = {}
        members = set(self._seeds)
        for first, last, *nodes in ranges:
            addresses = [_address(node, asked) for node in nodes]
            members.update(addresses)
            masters.update(dict.fromkeys(range(first, last + 1), addresses[0]))
        self._masters, self._members, self._in_doubt = masters, members, False


def _address(node: Sequence[Any], asked: Address) -> Address:
    """Returns a node's address. One that does not know its own host is to be reached as the one that was asked."""
    host, port = node[0], node[1]
    return (host.decode() if isinstance(host, bytes) else host) or asked[0], port
