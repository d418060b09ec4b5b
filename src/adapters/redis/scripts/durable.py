"""MessageScripts whose answer is passed on only once what they wrote is as durable as wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from redis.exceptions import NoScriptError, RedisError

from ....domain.durability import DurabilityLevel
from ....domain.errors import NotDurableError
from ..keys import mark_beside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript

    from ....domain.durability import Durability

    _Command = tuple[Any, ...]

REPLICAS_WITHIN_MS = 1_000
"""How long a change may take to the replicas: the clients of a group commit wait for it, and the next for them."""

SYNCED = {"appendonly": "yes", "appendfsync": "always"}
"""The settings with which a server writes to its disk before it answers."""


class Script(Protocol):
    """What runs: a script of the driver's, or one of those below around it."""

    async def __call__(self, *, keys: Sequence[str], args: Sequence[bytes | str | int]) -> Any:  # noqa: ANN401  # replies differ
        """Runs it and returns its reply."""
        ...


def durably(script: AsyncScript, durability: Durability, redis: Redis, mark: AsyncScript) -> Script:
    """Returns a script that answers once what it wrote is that durable."""
    if durability.level is DurabilityLevel.REPLICAS:
        return ReplicatedScript(script, redis, mark, durability.replicas)
    if durability.level is DurabilityLevel.FSYNC:
        return SyncedScript(script, redis)
    return script


class ReplicatedScript:
    """A script that answers once a number of replicas have what was written before it in its partition.

    `WAIT` counts what its own connection wrote last, so both go over one connection, in one round trip. A script
    that finds its work done, as when a client asks again after a 503, writes nothing; Valkey then waits for
    nothing, though what the first request wrote may have reached no replica. Hence the mark between the two.
    """

    def __init__(self, script: AsyncScript, redis: Redis, mark: AsyncScript, replicas: int) -> None:
        self._script = script
        self._redis = redis
        self._mark = mark
        self._replicas = replicas

    async def __call__(self, *, keys: Sequence[str], args: Sequence[bytes | str | int]) -> Any:  # noqa: ANN401  # replies differ
        """Runs the script.

        Raises:
            NotDurableError: it ran, and too few replicas said in time that they have what it wrote.
        """
        reply, _, acknowledged = await run_with(
            self._redis,
            self._script,
            keys,
            args,
            # With its source, as a mark that is not known must not have the script run again.
            ("EVAL", self._mark.script, 1, mark_beside(keys[0])),
            ("WAIT", self._replicas, REPLICAS_WITHIN_MS),
        )
        if acknowledged < self._replicas:
            raise NotDurableError(
                f"{acknowledged} of {self._replicas} replicas acknowledged it within {REPLICAS_WITHIN_MS} ms"
            )
        return reply


class SyncedScript:
    """A script that answers only where the server writes to its disk before it answers.

    It looks at the setting each time, since another server, or the same with other settings, may have come to
    answer since the start.
    """

    def __init__(self, script: AsyncScript, redis: Redis) -> None:
        self._script = script
        self._redis = redis

    async def __call__(self, *, keys: Sequence[str], args: Sequence[bytes | str | int]) -> Any:  # noqa: ANN401  # replies differ
        """Runs the script.

        Raises:
            NotDurableError: it ran, on a server that does not write to its disk before it answers.
        """
        look = ("CONFIG GET", *SYNCED)
        reply, settings = await run_with(self._redis, self._script, keys, args, look)
        if settings != SYNCED:
            raise NotDurableError(f"the store runs with {_written(settings)}, and not with {_written(SYNCED)}")
        return reply


async def run_with(
    redis: Redis,
    script: AsyncScript,
    keys: Sequence[str],
    args: Sequence[bytes | str | int],
    *commands: _Command,
) -> Sequence[Any]:
    """Runs a script and commands after it over one connection, in one round trip; returns the reply of each.

    Commands run as well if the script fails. A script that the server does not know yet has done nothing, and is
    sent a second time with its source.

    Raises:
        RedisError: the first fault there was, the script's before that of a command.
    """
    call: _Command = (len(keys), *keys, *args)
    replies = await _send(redis, ("EVALSHA", script.sha, *call), *commands)
    if isinstance(replies[0], NoScriptError):
        replies = await _send(redis, ("EVAL", script.script, *call), *commands)
    for reply in replies:
        if isinstance(reply, RedisError):
            raise reply
    return replies


def _written(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {settings[name]}" for name in sorted(settings))


async def _send(redis: Redis, *commands: _Command) -> Sequence[Any]:
    async with redis.pipeline(transaction=False) as pipeline:
        for command in commands:
            pipeline.execute_command(*command)
        replies: Sequence[Any] = await pipeline.execute(raise_on_error=False)
        return replies
