"""What is said to the server itself over short-lived connections: are you there, are you ready, shut down.

Said without a client library: redis-py loses cancellations on Python 3.11 (its `asyncio.wait_for` swallows
them), and a keeper that cannot be cancelled would bring back the server that its owner has just ended.
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

ANSWER_SECONDS = 2.0


class PingAnswer(Enum):
    """What came of a PING."""

    READY = auto()
    LOADING = auto()
    NONE = auto()


def listens(path: Path) -> bool:
    """Tells whether somebody is at the other end of the socket, even if too busy to answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0)
        try:
            probe.connect(str(path))
        except BlockingIOError:
            return True  # its queue is full, so there is one
        except OSError:
            return False
    return True


async def ping(path: Path) -> PingAnswer:
    """Asks whether the server can be used; an answer that takes long is none."""
    line = await _ask(path, b"PING")
    if line.startswith(b"+PONG"):
        return PingAnswer.READY
    return PingAnswer.LOADING if line.startswith(b"-LOADING") else PingAnswer.NONE


async def shut_down(path: Path) -> None:
    """Asks the server to end with everything on disk; it may be gone already."""
    await _ask(path, b"SHUTDOWN")


async def hold_the_line(path: Path) -> None:
    """Stays connected until the server is gone, of which the kernel tells at once.

    Raises:
        OSError: there was no server to begin with.
    """
    async with _line(path) as (reader, _):
        with contextlib.suppress(OSError):
            await reader.read()


async def _ask(path: Path, word: bytes) -> bytes:
    """Says one word and returns the first line of the answer, or nothing when there is none in time."""
    with contextlib.suppress(OSError):
        async with asyncio.timeout(ANSWER_SECONDS), _line(path) as (reader, writer):
            writer.write(word + b"\r\n")
            return await reader.readline()
    return b""


@contextlib.asynccontextmanager
async def _line(path: Path) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    reader, writer = await asyncio.open_unix_connection(str(path))
    try:
        yield reader, writer
    finally:
        writer.close()
