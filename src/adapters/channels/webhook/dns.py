"""DNS lookups by the system's resolver, such that a slow name delays no other name."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from threading import Thread

from ..thread_result import complete

ResolveName = Callable[[str], Awaitable[Sequence[str]]]
"""Returns the addresses of a host name, the best first. It raises `OSError` if there are none."""

MAX_CONCURRENT = 64
"""How many names are resolved at the same time."""


class SystemResolver:
    """Resolves names by the system's resolver: many names at the same time, but each name only once.

    A name server that does not answer delays its own names only. The system call cannot be cancelled, so each call
    has a daemon thread, which does not keep the process from ending. Callers that ask for the same name share it.
    """

    def __init__(self, resolve_blocking: Callable[[str], Sequence[str]] | None = None) -> None:
        """Uses the system's resolver, or a given function that may block."""
        self._resolve_blocking = resolve_blocking or _resolve_by_system
        self._lookups: dict[str, asyncio.Task[Sequence[str]]] = {}
        self._slots = asyncio.Semaphore(MAX_CONCURRENT)

    async def __call__(self, name: str) -> Sequence[str]:
        """Returns the addresses of a name. A caller that is cancelled does not cancel the lookup of the others.

        Raises:
            OSError: The name has no address, or cannot be resolved.
        """
        if name not in self._lookups:
            task = self._lookups[name] = asyncio.create_task(self._resolve(name))
            task.add_done_callback(lambda lookup: self._forget(name, lookup))
        return await asyncio.shield(self._lookups[name])

    def _forget(self, name: str, lookup: asyncio.Task[Sequence[str]]) -> None:
        del self._lookups[name]
        if not lookup.cancelled():
            # Marks the exception as retrieved: all callers may have been cancelled.
            lookup.exception()

    async def _resolve(self, name: str) -> Sequence[str]:
        addresses: asyncio.Future[Sequence[str]] = asyncio.get_running_loop().create_future()
        async with self._slots:
            Thread(
                target=lambda: complete(addresses, lambda: self._resolve_blocking(name)),
                name="postdate-dns",
                daemon=True,
            ).start()
            return await addresses


def _resolve_by_system(name: str) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(str(error)) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
