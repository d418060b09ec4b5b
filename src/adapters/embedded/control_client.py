"""Controls the server over short-lived connections: checks whether it listens and is ready, and shuts it down.

This module does not use redis-py, which loses cancellations on Python 3.11: its `asyncio.wait_for` swallows them.
A task that keeps the server running and cannot be cancelled would restart the server that its owner has just
ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from asyncio import StreamReader, StreamWriter
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

MAX_ANSWER_SECONDS = 2.0


class PingAnswer(Enum):
    """How the server answers a PING."""

    READY = auto()
    LOADING = auto()
    NONE = auto()


def is_listening(path: Path) -> bool:
    """Returns whether a process listens on the socket, even if it is too busy to answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0)
        try:
            probe.connect(str(path))
        except BlockingIOError:
            return True  # the listener's queue is full, so there is a listener
        except OSError:
            return False
    return True


async def ping(path: Path) -> PingAnswer:
    """Returns how the server answers a PING; `NONE` also if it does not answer within `MAX_ANSWER_SECONDS`."""
    line = await _send(path, b"PING")
    if line.startswith(b"+PONG"):
        return PingAnswer.READY
    return PingAnswer.LOADING if line.startswith(b"-LOADING") else PingAnswer.NONE


async def shut_down(path: Path) -> None:
    """Asks the server to write its data to disk and end. Does nothing if the server has ended already."""
    await _send(path, b"SHUTDOWN")


async def wait_until_gone(path: Path) -> None:
    """Stays connected until the server ends. The kernel closes the connection at once when it does.

    Raises:
        OSError: No server listens.
    """
    async with _connection(path) as (reader, _):
        with contextlib.suppress(OSError):
            await reader.read()


async def _send(path: Path, command: bytes) -> bytes:
    """Sends a command and returns the first line of the answer; empty if the server does not answer in time."""
    with contextlib.suppress(OSError):
        async with asyncio.timeout(MAX_ANSWER_SECONDS), _connection(path) as (reader, writer):
            writer.write(command + b"\r\n")
            return await reader.readline()
    return b""


@contextlib.asynccontextmanager
async def _connection(path: Path) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    reader, writer = await asyncio.open_unix_connection(str(path))
    try:
        yield reader, writer
    finally:
        writer.close()
