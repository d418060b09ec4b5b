"""Names looked up by the system, without holding up anybody else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from threading import Thread

LookUp = Callable[[str], Awaitable[Sequence[str]]]
"""Returns the addresses of a name, the best first. Raises `OSError` if there are none."""

MAX_CONCURRENT = 64


class SystemResolver:
    """Asks the system's resolver, each name once at a time, and many names at a time.

    A name server that does not answer holds up its own names alone: the system's call cannot be cancelled, so each
    has a thread, which keeps no process from ending, and those who ask for the same name share it.
    """

    def __init__(self, ask: Callable[[str], Sequence[str]] | None = None) -> None:
        """Uses the system's resolver unless given a function that may block."""
        self._ask = ask or _ask_system
        self._asked: dict[str, asyncio.Task[Sequence[str]]] = {}
        self._room = asyncio.Semaphore(MAX_CONCURRENT)

    async def __call__(self, name: str) -> Sequence[str]:
        """Returns the addresses of a name. A caller that gives up does not end it for the others."""
        if name not in self._asked:
            task = self._asked[name] = asyncio.create_task(self._look_up(name))
            task.add_done_callback(lambda ended: self._forget(name, ended))
        return await asyncio.shield(self._asked[name])

    def _forget(self, name: str, ended: asyncio.Task[Sequence[str]]) -> None:
        del self._asked[name]
        if not ended.cancelled():
            # All who asked may have given up meanwhile.
            ended.exception()

    async def _look_up(self, name: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def ask() -> None:
            try:
                addresses = self._ask(name)
            except Exception as error:  # noqa: BLE001  # it is raised again where it belongs
                _post(loop, answer, error)
            else:
                _post(loop, answer, addresses)

        async with self._room:
            Thread(target=ask, name="postdate-look-up", daemon=True).start()
            return await answer


def _ask_system(name: str) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(str(error)) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _post(
    loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Sequence[str]], result: Sequence[str] | Exception
) -> None:
    def settle() -> None:
        if answer.done():
            return
        if isinstance(result, Exception):
            answer.set_exception(result)
        else:
            answer.set_result(result)

    # A loop that is closed has nobody who waits any more.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(settle)
