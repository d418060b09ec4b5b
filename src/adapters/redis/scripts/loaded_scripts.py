"""Lua scripts as they are loaded and run."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Any

from ....domain.durability import STORE_DURABILITY
from ..connection.driver_errors import answered
from .durable import durably

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript

    from ....domain.durability import Durability
    from .durable import Script

Arg = bytes | str | int
_REDIS_PACKAGE = __package__.rpartition(".")[0]
_PART = re.compile(r"^--@ (\w+)\n", re.MULTILINE)


class LoadedScripts:
    """MessageScripts for one server or cluster. Each is atomic; a subclass makes a typed method of each."""

    def __init__(
        self,
        redis: Redis,
        now_ms: Callable[[], int] | None = None,
        durability: Durability = STORE_DURABILITY,
    ) -> None:
        """Uses the server's clock unless `now_ms` is given, which is for tests alone.

        What is loaded as durable answers once that is as durable as wanted.
        """
        self._redis = redis
        self._now_ms = now_ms
        self._durability = durability
        self._mark_write = self._load("messages/mark_write")

    def _load(self, name: str) -> AsyncScript:
        return self._redis.register_script(source_of(name))

    def _load_durable(self, name: str) -> Script:
        return self._durable(self._load(name))

    def _durable(self, script: AsyncScript) -> Script:
        return durably(script, self._durability, self._redis, self._mark_write)

    def _now(self) -> Arg:
        return "" if self._now_ms is None else self._now_ms()


def source_of(name: str) -> str:
    """Returns a script with the parts that it shares with others in the place of the lines that name them."""
    folder = resources.files(_REDIS_PACKAGE).joinpath("lua")

    def part(line: re.Match[str]) -> str:
        return folder.joinpath("parts", f"{line[1]}.lua").read_text(encoding="utf-8")

    return _PART.sub(part, folder.joinpath(f"{name}.lua").read_text(encoding="utf-8"))


async def run(script: Script, keys: Sequence[str], args: Sequence[Arg]) -> Any:  # noqa: ANN401  # replies differ
    """Runs a script and returns its reply.

    Raises:
        StoreUnavailableError: the server did not answer; whether it has run is unknown.
        StoreFullError: there is no room for what it would write.
    """
    async with answered():
        return await script(keys=keys, args=args)
