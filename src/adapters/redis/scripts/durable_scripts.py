"""Scripts that return only once their writes have the configured durability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis.exceptions import NoScriptError, RedisError

from ....domain.durability import STORE_DURABILITY, DurabilityLevel
from ....domain.errors import NotDurableError
from ..keys import mark_beside
from .loaded_scripts import LoadedScripts, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript

    from ....domain.durability import Durability
    from ..keys import PartitionKeys
    from .loaded_scripts import Arg, Script

    _Command = tuple[Any, ...]

MAX_REPLICATION_MS = 1_000
"""How long a write may take to reach the replicas. A group commit, and the next one, wait for it."""

FSYNC_SETTINGS = {"appendonly": "yes", "appendfsync": "always"}
"""The settings under which a server writes to its disk before it answers."""


class DurableScripts(LoadedScripts):
    """Scripts of one server or cluster, some of which wait for a durability."""

    def __init__(
        self,
        redis: Redis,
        now_ms: Callable[[], int] | None = None,
        durability: Durability = STORE_DURABILITY,
    ) -> None:
        """Uses the clock of the server, or `now_ms` in tests."""
        super().__init__(redis, now_ms)
        self._durability = durability
        self._mark_write = self._load("messages/mark_write")
        self._mark_durably = self._durable(self._mark_write)

    async def confirm_earlier_writes(self, keys: PartitionKeys) -> None:
        """Returns once all earlier writes of a partition are durable.

        A repeated change finds its work done and writes nothing, but the first one may not be durable yet.
        """
        if self._durability.level is not DurabilityLevel.STORE:
            await self.mark_write(keys)

    async def mark_write(self, keys: PartitionKeys) -> None:
        """Writes the mark of a partition, and returns once all earlier writes there are durable."""
        await run(self._mark_durably, [keys.mark], [])

    def _load_durable(self, name: str) -> Script:
        return self._durable(self._load(name))

    def _durable(self, script: AsyncScript) -> Script:
        """Returns a script that runs the given one and waits for the durability."""
        if self._durability.level is DurabilityLevel.REPLICAS:
            return ReplicatedScript(script, self._redis, self._mark_write, self._durability.replicas)
        if self._durability.level is DurabilityLevel.FSYNC:
            return SyncedScript(script, self._redis)
        return script


class ReplicatedScript:
    """A script that returns once a number of replicas have all earlier writes of its partition.

    `WAIT` waits for the last write of its own connection, so script and `WAIT` use one connection, in one round
    trip. A script whose work is done already writes nothing, for example when a client repeats a request after a
    503. Valkey's `WAIT` then waits for nothing, although the writes of the first request may have reached no
    replica. Therefore a mark is written between the two.
    """

    def __init__(self, script: AsyncScript, redis: Redis, mark: AsyncScript, replicas: int) -> None:
        self._script = script
        self._redis = redis
        self._mark = mark
        self._replicas = replicas

    async def __call__(self, *, keys: Sequence[str], args: Sequence[Arg]) -> Any:  # noqa: ANN401  # replies differ
        """Runs the script.

        Raises:
            NotDurableError: The script ran, but too few replicas acknowledged its writes in time.
        """
        reply, _, acknowledged = await run_with(
            self._redis,
            self._script,
            keys,
            args,
            # With its source: by its hash, an unknown mark would make the script run a second time.
            ("EVAL", self._mark.script, 1, mark_beside(keys[0])),
            ("WAIT", self._replicas, MAX_REPLICATION_MS),
        )
        if acknowledged < self._replicas:
            raise NotDurableError(
                f"{acknowledged} of {self._replicas} replicas acknowledged it within {MAX_REPLICATION_MS} ms"
            )
        return reply


class SyncedScript:
    """A script that returns only if the server writes to its disk before it answers.

    It reads the settings each time: they can change, and after a failover another server answers.
    """

    def __init__(self, script: AsyncScript, redis: Redis) -> None:
        self._script = script
        self._redis = redis

    async def __call__(self, *, keys: Sequence[str], args: Sequence[Arg]) -> Any:  # noqa: ANN401  # replies differ
        """Runs the script.

        Raises:
            NotDurableError: The script ran, but the server does not write to its disk before it answers.
        """
        read_settings = ("CONFIG GET", *FSYNC_SETTINGS)
        reply, settings = await run_with(self._redis, self._script, keys, args, read_settings)
        if settings != FSYNC_SETTINGS:
            raise NotDurableError(
                f"the store runs with {_listed(settings)}, and not with {_listed(FSYNC_SETTINGS)}"
            )
        return reply


async def run_with(
    redis: Redis,
    script: AsyncScript,
    keys: Sequence[str],
    args: Sequence[Arg],
    *commands: _Command,
) -> Sequence[Any]:
    """Runs a script, then commands, on one connection in one round trip, and returns all replies.

    The commands run even if the script fails. If the server does not know the script yet, both are sent again with
    the source of the script.

    Raises:
        RedisError: The first error, of the script or of a command.
    """
    call: _Command = (len(keys), *keys, *args)
    replies = await _send(redis, ("EVALSHA", script.sha, *call), *commands)
    if isinstance(replies[0], NoScriptError):
        replies = await _send(redis, ("EVAL", script.script, *call), *commands)
    for reply in replies:
        if isinstance(reply, RedisError):
            raise reply
    return replies


def _listed(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {settings[name]}" for name in sorted(settings))


async def _send(redis: Redis, *commands: _Command) -> Sequence[Any]:
    async with redis.pipeline(transaction=False) as pipeline:
        for command in commands:
            pipeline.execute_command(*command)
        replies: Sequence[Any] = await pipeline.execute(raise_on_error=False)
        return replies
