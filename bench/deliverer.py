"""Deliverers in processes of their own, as an operator starts them, and the lines that they print."""

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
    """A `deliver-due` process, and the lines that it prints."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next_line(self) -> tuple[float, bytes]:
        """Returns when the next printed line was read, in ms since 1970, and the line.

        Raises:
            RuntimeError: The process has ended.
        """
        assert self._process.stdout is not None  # noqa: S101  # the process was started with a pipe
        line = await self._process.stdout.readline()
        if not line:
            message = "the deliverer ended"
            raise RuntimeError(message)
        return time.time() * 1000, line

    async def lateness(self, count: int) -> Sequence[float]:
        """Reads `count` lines, each a due time in ms. Returns how late each was in ms, in ascending order."""
        lines = [await self.next_line() for _ in range(count)]
        return sorted(read_ms - int(line) for read_ms, line in lines)

    async def kill(self) -> None:
        """Ends the process by SIGKILL, so that it cannot clean up."""
        self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def running_deliverer(world: World) -> AsyncIterator[Deliverer]:
    """Runs a deliverer whose lines are read. Ends it with the context."""
    async with _process(world, subprocess.PIPE) as process:
        yield Deliverer(process)


@asynccontextmanager
async def stuck_deliverer(world: World) -> AsyncIterator[Deliverer]:
    """Runs a deliverer whose lines are not read: once the pipe is full, its claims stay unsettled."""
    read_end, write_end = os.pipe()
    try:
        async with _process(world, write_end) as process:
            yield Deliverer(process)
    finally:
        os.close(write_end)
        os.close(read_end)


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
