"""What is said to the server itself over short-lived connections: are you there, are you ready, shut down."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from enum import Enum, auto
from typing import TYPE_CHECKING

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError

if TYPE_CHECKING:
    from pathlib import Path

ANSWER_SECONDS = 2.0


class Answer(Enum):
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


async def ping(url: str) -> Answer:
    """Asks whether the server can be used; an answer that takes long is none."""
    try:
        async with _client(url) as client:
            await client.execute_command("PING")  # type: ignore[no-untyped-call]
    except BusyLoadingError:
        return Answer.LOADING
    except (RedisError, OSError):
        return Answer.NONE
    return Answer.READY


async def shut_down(url: str) -> None:
    """Asks the server to end with everything on disk; it may be gone already."""
    with contextlib.suppress(RedisError, OSError):
        async with _client(url) as client:
            await client.shutdown()


async def hold_the_line(path: Path) -> None:
    """Stays connected until the server is gone, of which the kernel tells at once.

    Raises:
        OSError: there was no server to begin with.
    """
    reader, writer = await asyncio.open_unix_connection(str(path))
    try:
        with contextlib.suppress(OSError):
            await reader.read()
    finally:
        writer.close()


def _client(url: str) -> Redis:
    # Whoever asks decides whether to ask again.
    return Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=ANSWER_SECONDS)
