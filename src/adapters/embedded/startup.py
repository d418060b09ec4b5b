"""The startup of the embedded server, which several processes may attempt at the same time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from .binary import find_binary
from .control_client import PingAnswer, is_listening, ping
from .file_lock import POLL_SECONDS, FileLock
from .launcher import launch
from .log_file import last_line
from .server_errors import ServerDidNotStartError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from .data_folder import DataFolder


def is_running(folder: DataFolder) -> bool:
    """Returns whether a server, or a child process that it left behind, still has the folder's files open."""
    if is_listening(folder.socket):
        return True
    lock = FileLock.try_shared(folder.server_lock)
    if lock is not None:
        lock.release()
    return lock is None


@asynccontextmanager
async def startup_deadline(folder: DataFolder, seconds: float) -> AsyncIterator[asyncio.Timeout]:
    """Limits the duration of a startup. The block may move the deadline.

    Raises:
        ServerDidNotStartError: The time is over.
    """
    try:
        async with asyncio.timeout(seconds) as deadline:
            yield deadline
    except TimeoutError as error:
        raise _did_not_start(folder, f"did not answer within {seconds:g} s") from error


async def ensure_listening(folder: DataFolder, binary: Path | None) -> None:
    """Launches a server unless one is running or starting, and waits until it listens.

    The caller must hold the start lock exclusively.

    Raises:
        ConfigurationError: There is no server binary.
        ServerDidNotStartError: The server ended at once, or cannot be run.
    """
    launched = False
    while not is_listening(folder.socket):
        # The lock is free only if no server runs. A server that hangs or has lost its socket still holds the lock.
        lock = FileLock.try_exclusive(folder.server_lock)
        if lock is not None:
            with lock:
                _launch_once(folder, binary, lock, launched=launched)
                launched = True
        await asyncio.sleep(POLL_SECONDS)


async def wait_until_ready(folder: DataFolder, deadline: asyncio.Timeout, seconds: float) -> None:
    """Waits until the server can be used. Each answer that it is still loading moves the deadline by `seconds`.

    Raises:
        ServerDidNotStartError: The server ended.
    """
    while (answer := await ping(folder.socket)) is not PingAnswer.READY:
        if answer is PingAnswer.LOADING:
            deadline.reschedule(asyncio.get_running_loop().time() + seconds)
        elif not is_running(folder):
            raise _did_not_start(folder, "ended before it was ready")
        await asyncio.sleep(POLL_SECONDS)


def _launch_once(folder: DataFolder, binary: Path | None, lock: FileLock, *, launched: bool) -> None:
    if launched:
        raise _did_not_start(folder, "ended as soon as it was started")
    try:
        launch(binary or find_binary(), folder, lock)
    except OSError as error:
        raise _did_not_start(folder, f"cannot be run: {error}") from error


def _did_not_start(folder: DataFolder, problem: str) -> ServerDidNotStartError:
    return ServerDidNotStartError(problem, log=folder.log, last_line=last_line(folder.log))
