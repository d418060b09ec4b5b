"""Loading and running Lua scripts."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

from ..connection.driver_errors import answered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript

Arg = bytes | str | int
_REDIS_PACKAGE = __package__.rpartition(".")[0]
_PART = re.compile(r"^--@ (\w+)\n", re.MULTILINE)


class Script(Protocol):
    """A script that can be run: the driver's, or a wrapper of it."""

    async def __call__(self, *, keys: Sequence[str], args: Sequence[Arg]) -> Any:  # noqa: ANN401  # replies differ
        """Runs the script and returns its reply."""
        ...


class LoadedScripts:
    """Scripts of one server or cluster. Each is atomic. A subclass has one typed method for each script."""

    def __init__(self, redis: Redis, now_ms: Callable[[], int] | None = None) -> None:
        """Uses the clock of the server, or `now_ms` in tests."""
        self._redis = redis
        self._now_ms = now_ms

    def _load(self, name: str) -> AsyncScript:
        return self._redis.register_script(source_of(name))

    def _now(self) -> Arg:
        return "" if self._now_ms is None else self._now_ms()


def source_of(name: str) -> str:
    """Returns the source of a script. Each line `--@ NAME` is replaced by the shared part `parts/NAME.lua`."""
    folder = resources.files(_REDIS_PACKAGE).joinpath("lua")

    def part(line: re.Match[str]) -> str:
        return folder.joinpath("parts", f"{line[1]}.lua").read_text(encoding="utf-8")

    return _PART.sub(part, folder.joinpath(f"{name}.lua").read_text(encoding="utf-8"))


async def run(script: Script, keys: Sequence[str], args: Sequence[Arg]) -> Any:  # noqa: ANN401  # replies differ
    """Runs a script and returns its reply.

    Raises:
        StoreUnavailableError: The server did not answer. It is unknown whether the script ran.
        StoreFullError: The server has no room for what the script would write.
    """
    async with answered():
        return await script(keys=keys, args=args)


def optional_int(number: bytes) -> int | None:
    """Returns a number of a reply, which may be written as a float; `None` if it is empty."""
    return int(float(number)) if number else None
