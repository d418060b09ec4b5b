"""A client of a cluster: each command goes to the node that has its key.

redis-py's own asynchronous cluster client is not used. ADR 12 has the reasons. The most important one: a command
that is cancelled because its node hangs does not make that client look for the node's successor, so it never finds
the successor.
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
_TRY_AGAIN_SECONDS = 0.05
"""The interval between two tries while a slot migrates and its keys are on two nodes."""


class ClusterRedis(Redis):
    """Sends a command once. Sends it again only if a node refused it, to the node that the refusal names.

    It supports commands with one key, scripts whose keys share a slot, and commands without a key.
    """

    def __init__(self, seeds: Sequence[Address], node_at: Callable[[Address], Redis]) -> None:
        """Creates a client that has not connected yet.

        Args:
            seeds: The nodes that are asked first for the topology.
            node_at: Creates a client of the node at an address.
        """
        self._topology = Topology(seeds, node_at)
        super().__init__(connection_pool=node_at(seeds[0]).connection_pool)

    async def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # the driver's signature
        """Sends a command to the master that has its key and returns the answer.

        Raises:
            redis.exceptions.RedisError: In the same cases as with a single server. If the master did not answer,
                the next command loads the topology first.
        """

        async def send(node: Redis, asking: bool) -> Any:  # noqa: ANN401, FBT001  # the signature of `at_master`
            if asking:
                (answer,) = await send_all(node, [args], asking=True)
                return _checked(answer)
            return await node.execute_command(*args, **options)  # type: ignore[no-untyped-call]  # untyped in redis

        return await self.at_master(slot_of(args), send)

    async def at_master(self, slot: int, send: Callable[[Redis, bool], Awaitable[T]]) -> T:
        """Calls `send` with the master of a slot and returns the answer. Follows redirections.

        Args:
            slot: The slot of the keys.
            send: Sends a command to a node. If the flag is set, it sends ASKING first, on the same connection.
        """
        try:
            return await self._redirected(slot, send)
        except (exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ClusterDownError, OSError):
            self._topology.mark_outdated()
            raise
        except asyncio.CancelledError:
            # The most likely cause is a time limit, because the node hangs.
            self._topology.mark_outdated()
            raise

    def pipeline(self, transaction: bool = False, shard_hint: None = None) -> ClusterPipeline:  # type: ignore[override]  # noqa: ARG002, FBT001, FBT002  # the driver's signature
        """Returns a pipeline. It sends all commands to the node that has the key of the first one."""
        return ClusterPipeline(self.at_master)

    def register_script(self, script: Any) -> AsyncScript:  # type: ignore[override]  # noqa: ANN401  # the driver's signature
        """Returns a script that can be called."""
        return _Script(self, script)

    def pubsub(self, **options: Any) -> PubSub:  # noqa: ANN401  # the driver's signature
        """Returns a subscription at a random node: the cluster forwards each published message to all nodes."""
        return self._topology.any_node().pubsub(**options)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001  # the driver's signature
        """Closes the connections to all nodes."""
        await super().aclose(close_connection_pool)
        await self._topology.aclose()

    async def _redirected(self, slot: int, send: Callable[[Redis, bool], Awaitable[T]]) -> T:
        redirected_to: Redis | None = None
        for _ in range(MAX_REDIRECTS):
            node, asking = redirected_to or await self._topology.master_of(slot), redirected_to is not None
            redirected_to = None
            try:
                return await send(node, asking)
            except exceptions.MovedError as moved:
                self._topology.move(slot, _target_of(moved, node))
            except exceptions.AskError as error:
                redirected_to = self._topology.node_at(_target_of(error, node))
            except exceptions.TryAgainError:
                await asyncio.sleep(_TRY_AGAIN_SECONDS)
        raise exceptions.ClusterError(
            f"no node accepted the command in {MAX_REDIRECTS} tries: slot {slot} is moving"
        )


class _Script(AsyncScript):
    """A script that each node loads when it runs the script for the first time, independently of other nodes."""

    async def __call__(
        self,
        keys: Sequence[Any] | None = None,
        args: Iterable[Any] | None = None,
        client: Any = None,  # noqa: ANN401  # the driver's signature
    ) -> Any:  # noqa: ANN401  # replies differ
        """Runs the script on the node that has the keys."""
        keys, args, client = keys or (), tuple(args or ()), client or self.registered_client
        try:
            return await client.evalsha(self.sha, len(keys), *keys, *args)
        except exceptions.NoScriptError:
            return await client.eval(self.script, len(keys), *keys, *args)


def _checked(answer: Any) -> Any:  # noqa: ANN401  # replies differ
    if isinstance(answer, Exception):
        raise answer
    return answer


def _target_of(redirection: exceptions.AskError, by: Redis) -> Address:
    """Returns the address that a redirection names. Without a host it means the host of the redirecting node."""
    return redirection.host or by.connection_pool.connection_kwargs["host"], redirection.port
