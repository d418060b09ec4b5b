"""A client of a cluster: each command goes to the node that has its key.

Not redis-py's own asynchronous cluster client. ADR 8 has the reasons, of which one is enough: a command that is
cancelled because its node hangs does not make that client look for the node's successor, so it would never.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from redis import exceptions
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.crc import key_slot

from .topology import Topology

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from redis.asyncio.client import PubSub

    from .url import Address

MOST_REDIRECTS = 16
_TRY_AGAIN_AFTER = 0.05
"""Seconds between two tries while the keys of one slot are on two nodes, as during its migration."""
_SCRIPTS = {"EVAL", "EVALSHA"}
_KEYLESS_SLOT = 0
"""Commands without a key go to the master of this slot: all instances ask the same node for the time."""


class ClusterRedis(Redis):
    """Sends a command once, and again only to where a node that refused it points.

    What it says about a cluster holds for commands of one key, for scripts whose keys share a slot, and for those
    without a key. It has no pipelines: `node_of` has.
    """

    def __init__(self, seeds: Sequence[Address], node_at: Callable[[Address], Redis]) -> None:
        """Takes the nodes to ask first, and what makes a client of a node."""
        self._topology = Topology(seeds, node_at)
        super().__init__(connection_pool=node_at(seeds[0]).connection_pool)

    async def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # as the driver has it
        """Sends a command to the master that has its key and returns the answer.

        Raises:
            redis.exceptions.RedisError: as a single server's client does. Where the master did not answer, the
                next command finds out first who is master now.
        """
        try:
            return await self._redirected(_slot_of(args), args, options)
        except (exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ClusterDownError, OSError):
            self._topology.doubt()
            raise
        except asyncio.CancelledError:
            # Most likely nobody wanted to wait any longer for a node that hangs.
            self._topology.doubt()
            raise

    async def node_of(self, key: str) -> Redis:
        """Returns a client of the master that has a key, as far as is known. It follows no redirection."""
        return await self._topology.master_of(key_slot(key.encode()))

    def register_script(self, script: Any) -> AsyncScript:  # type: ignore[override]  # noqa: ANN401  # as the driver has it
        """Returns the script, ready to be run."""
        return _Script(self, script)

    def pubsub(self, **options: Any) -> PubSub:  # noqa: ANN401  # as the driver has it
        """Returns a subscription at some node: the cluster tells all nodes of what is published at one."""
        return self._topology.any_node().pubsub(**options)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001  # as the driver has it
        """Closes the connections to all nodes."""
        await super().aclose(close_connection_pool)
        await self._topology.aclose()

    async def _redirected(self, slot: int, args: Sequence[Any], options: dict[str, Any]) -> Any:  # noqa: ANN401
        asked: Redis | None = None
        for _ in range(MOST_REDIRECTS):
            node, asking = asked or await self._topology.master_of(slot), asked is not None
            asked = None
            try:
                if asking:
                    return await _ask(node, args, options)
                return await node.execute_command(*args, **options)  # type: ignore[no-untyped-call]  # as redis has it
            except exceptions.MovedError as moved:
                self._topology.move(slot, _pointed_to(moved, node))
            except exceptions.AskError as error:
                asked = self._topology.node_at(_pointed_to(error, node))
            except exceptions.TryAgainError:
                await asyncio.sleep(_TRY_AGAIN_AFTER)
        raise exceptions.ClusterError(f"no node took the command in {MOST_REDIRECTS} tries: slot {slot} is moving")


class _Script(AsyncScript):
    """A node that does not know it learns it by running it, which concerns no other node."""

    async def __call__(
        self,
        keys: Sequence[Any] | None = None,
        args: Iterable[Any] | None = None,
        client: Any = None,  # noqa: ANN401  # as the driver has it
    ) -> Any:  # noqa: ANN401  # replies differ
        """Runs the script at the node that has the keys."""
        keys, args, client = keys or (), tuple(args or ()), client or self.registered_client
        try:
            return await client.evalsha(self.sha, len(keys), *keys, *args)
        except exceptions.NoScriptError:
            return await client.eval(self.script, len(keys), *keys, *args)


async def _ask(node: Redis, args: Sequence[Any], options: dict[str, Any]) -> Any:  # noqa: ANN401  # replies differ
    """Sends a command to a node that is about to get its slot. It takes it on the connection that says so."""
    async with node.pipeline(transaction=False) as pipe:
        pipe.execute_command("ASKING")
        pipe.execute_command(*args, **options)
        _, answer = await pipe.execute(raise_on_error=False)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _pointed_to(redirection: exceptions.AskError, by: Redis) -> Address:
    """Returns the address in a redirection. One without a host points to another port of the same."""
    return redirection.host or by.connection_pool.connection_kwargs["host"], redirection.port


def _slot_of(args: Sequence[Any]) -> int:
    place = 3 if args[0] in _SCRIPTS else 1
    if len(args) <= place:
        return _KEYLESS_SLOT
    key = args[place]
    return key_slot(key if isinstance(key, bytes) else str(key).encode())
