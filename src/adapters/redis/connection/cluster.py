"""A client of a cluster: each command goes to the node that has its key.

Not redis-py's own asynchronous cluster client. ADR 12 has the reasons, of which one is enough: a command that is
cancelled because its node hangs does not make that client look for the node's successor, so it would never.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from redis import exceptions
from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from .cluster_pipeline import ClusterPipeline, send_all
from .slots import slot_of
from .topology import Topology

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from redis.asyncio.client import PubSub

    from .url import Address

T = TypeVar("T")

MAX_REDIRECTS = 16
_TRY_AGAIN_AFTER = 0.05
"""Seconds between two tries while the keys of one slot are on two nodes, as during its migration."""


class ClusterRedis(Redis):
    """Sends a command once, and again only to where a node that refused it points.

    What it says about a cluster holds for commands of one key, for scripts whose keys share a slot, and for those
    without a key.
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

        async def send(node: Redis, asking: bool) -> Any:  # noqa: ANN401, FBT001  # as `at_master` has it
            if asking:
                (answer,) = await send_all(node, [args], asking=True)
                return _raised(answer)
            return await node.execute_command(*args, **options)  # type: ignore[no-untyped-call]  # as redis has it

        return await self.at_master(slot_of(args), send)

    async def at_master(self, slot: int, send: Callable[[Redis, bool], Awaitable[T]]) -> T:
        """Has something sent to the master of a slot, or to where that one points; returns the answer.

        Args:
            slot: of the keys.
            send: sends to a node; told to, it says ASKING before, on the same connection.
        """
        try:
            return await self._redirected(slot, send)
        except (exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ClusterDownError, OSError):
            self._topology.doubt()
            raise
        except asyncio.CancelledError:
            # Most likely nobody wanted to wait any longer for a node that hangs.
            self._topology.doubt()
            raise

    def pipeline(self, transaction: bool = False, shard_hint: None = None) -> ClusterPipeline:  # type: ignore[override]  # noqa: ARG002, FBT001, FBT002  # as the driver has it
        """Returns a pipeline, whose commands all go to the node that has the key of the first."""
        return ClusterPipeline(self)

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

    async def _redirected(self, slot: int, send: Callable[[Redis, bool], Awaitable[T]]) -> T:
        asked: Redis | None = None
        for _ in range(MAX_REDIRECTS):
            node, asking = asked or await self._topology.master_of(slot), asked is not None
            asked = None
            try:
                return await send(node, asking)
            except exceptions.MovedError as moved:
                self._topology.move(slot, _pointed_to(moved, node))
            except exceptions.AskError as error:
                asked = self._topology.node_at(_pointed_to(error, node))
            except exceptions.TryAgainError:
                await asyncio.sleep(_TRY_AGAIN_AFTER)
        raise exceptions.ClusterError(f"no node took the command in {MAX_REDIRECTS} tries: slot {slot} is moving")


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


def _raised(answer: Any) -> Any:  # noqa: ANN401  # replies differ
    if isinstance(answer, Exception):
        raise answer
    return answer


def _pointed_to(redirection: exceptions.AskError, by: Redis) -> Address:
    """Returns the address in a redirection. One without a host points to another port of the same."""
    return redirection.host or by.connection_pool.connection_kwargs["host"], redirection.port
