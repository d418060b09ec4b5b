"""Deliverers as an operator starts them: processes of their own, whose lines are read here."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from .world import command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from .world import World

LINE_LIMIT_BYTES = 1 << 20


class Deliverer:
    """A `deliver-due` process, and what it prints."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next_line(self) -> tuple[float, bytes]:
        """Returns the next line it prints, and when that was read here, in ms since 1970.

        Raises:
            RuntimeError: it has ended.
        """
        assert self._process.stdout is not None  # noqa: S101  # it was asked for
        line = await self._process.stdout.readline()
        if not line:
            message = "the deliverer ended"
            raise RuntimeError(message)
        return time.time() * 1000, line

    async def lateness(self, count: int) -> Sequence[float]:
        """Reads so many lines that say when each was due; returns how late each was in ms, least first."""
        lines = [await self.next_line() for _ in range(count)]
        return sorted(read_ms - int(line) for read_ms, line in lines)

    async def kill(self) -> None:
        """Ends it by a signal that nothing can answer."""
        self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def running_deliverer(world: World) -> AsyncIterator[Deliverer]:
    """Yields a deliverer whose every line is read; ends it."""
    async with _process(world, subprocess.PIPE) as process:
        yield Deliverer(process)


@asynccontextmanager
async def stuck_deliverer(world: World) -> AsyncIterator[Deliverer]:
    """Yields a deliverer that nobody reads from: once the pipe is full, it holds what it has claimed."""
    our_end, its_end = os.pipe()
    try:
        async with _process(world, its_end) as process:
            yield Deliverer(process)
    finally:
        os.close(its_end)
        os.close(our_end)


@asynccontextmanager
async def _process(world: World, stdout: int) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command("deliver-due"),
        env=world.environment,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        limit=LINE_LIMIT_BYTES,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
