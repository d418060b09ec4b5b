"""From an empty socket to a server that answers, whoever else is at it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from .binary import find_binary
from .control_client import PingAnswer, listens, ping
from .locks import TICK_SECONDS, FileLock
from .log_file import last_line
from .process import launch
from .server_errors import ServerDidNotStartError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from .folder import DataFolder


def lives(folder: DataFolder) -> bool:
    """Tells whether a server, or a child that it left behind, still has the folder's files open."""
    if listens(folder.socket):
        return True
    lock = FileLock.try_together(folder.server_lock)
    if lock is not None:
        lock.release()
    return lock is None


@asynccontextmanager
async def patience(folder: DataFolder, seconds: float) -> AsyncIterator[asyncio.Timeout]:
    """Bounds a startup.

    Raises:
        ServerDidNotStartError: the time is over.
    """
    try:
        async with asyncio.timeout(seconds) as deadline:
            yield deadline
    except TimeoutError as fault:
        raise _failure(folder, f"did not answer within {seconds:g} s") from fault


async def until_listening(folder: DataFolder, binary: Path | None) -> None:
    """Starts a server, unless there is one or one is on its way. To be called under the start lock.

    Raises:
        ConfigurationError: there is no binary to start.
        ServerDidNotStartError: the server ended at once.
    """
    launched = False
    while not listens(folder.socket):
        # Free only while no server lives: not even one that hangs, or has lost its socket.
        lock = FileLock.try_alone(folder.server_lock)
        if lock is not None:
            with lock:
                _launch_once(folder, binary, lock, again=launched)
                launched = True
        await asyncio.sleep(TICK_SECONDS)


async def until_ready(folder: DataFolder, deadline: asyncio.Timeout, seconds: float) -> None:
    """Waits for an answer; while the server says that it is loading its file, it has all the time it needs.

    Raises:
        ServerDidNotStartError: the server ended.
    """
    while (answer := await ping(folder.socket)) is not PingAnswer.READY:
        if answer is PingAnswer.LOADING:
            deadline.reschedule(asyncio.get_running_loop().time() + seconds)
        elif not lives(folder):
            raise _failure(folder, "ended before it was ready")
        await asyncio.sleep(TICK_SECONDS)


def _launch_once(folder: DataFolder, binary: Path | None, lock: FileLock, *, again: bool) -> None:
    if again:
        raise _failure(folder, "ended as soon as it was started")
    try:
        launch(binary or find_binary(), folder, lock)
    except OSError as fault:
        raise _failure(folder, f"cannot be run: {fault}") from fault


def _failure(folder: DataFolder, fault: str) -> ServerDidNotStartError:
    return ServerDidNotStartError(fault, log=folder.log, last_line=last_line(folder.log))
