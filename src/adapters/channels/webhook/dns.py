"""DNS lookups by the system's resolver, such that slow names do not delay other names."""

from __future__ import annotations

import asyncio
import math
import socket
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from threading import Thread

from ..thread_result import complete
from .fair_slots import FairSlots

ResolveName = Callable[[str], Awaitable[Sequence[str]]]
"""Returns the addresses of a host name, the best first. It raises `OSError` if there are none."""

MAX_CONCURRENT = 64
"""How many lookups of unknown names may be in their first `SLOT_SECONDS` at the same time."""
SLOT_SECONDS = 1.0
"""How long a lookup may occupy its slot. A lookup that takes longer goes on without one."""
LOOKUP_SECONDS = 5.0
"""How long callers wait for a lookup. glibc asks the next name server after this time."""
SLOW_NAME_SECONDS = 5.0
"""How long a name is not looked up again after a lookup that took longer than `LOOKUP_SECONDS`."""
MAX_SLOW = 256
"""How many lookups may go on without a slot. Each has a thread. Beyond it, only known names are looked up."""
MAX_REMEMBERED_NAMES = 1_024


class SystemResolver:
    """Resolves names by the system's resolver: many names at the same time, but each name only once.

    The system call cannot be cancelled, so each call has a daemon thread, which does not keep the process from
    ending. Callers that ask for the same name share its lookup. No number of slow names stops the other lookups:

    * A name that is known, which means that it resolved within a slot's time before, waits for no other name.
    * Other names share slots, fairly among their sites. A slow lookup loses its slot after `SLOT_SECONDS`.
    * A name that takes too long is an error at once for all callers until its lookup has ended, and
      `SLOW_NAME_SECONDS` longer. So it occupies one thread at most.
    """

    def __init__(
        self,
        resolve_blocking: Callable[[str], Sequence[str]] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Uses the system's resolver, or a given function that may block.

        Args:
            resolve_blocking: Returns the addresses of a name, or raises `OSError`.
            monotonic: Returns the time in seconds, for how long a slow name is remembered.
        """
        self._resolve_blocking = resolve_blocking or _resolve_by_system
        self._monotonic = monotonic
        self._lookups: dict[str, asyncio.Task[Sequence[str]]] = {}
        self._slots = FairSlots(MAX_CONCURRENT)
        # Both have the name and the time until which it is remembered.
        self._known_names: OrderedDict[str, float] = OrderedDict()
        self._slow_names: OrderedDict[str, float] = OrderedDict()
        # The names whose lookup goes on, although its callers do not wait any more.
        self._slow_lookups: set[str] = set()
        self._lookups_without_slot = 0

    async def __call__(self, name: str) -> Sequence[str]:
        """Returns the addresses of a name. A caller that is cancelled does not cancel the lookup of the others.

        Raises:
            OSError: The name has no address, cannot be resolved, or takes too long.
        """
        if name in self._slow_lookups or self._monotonic() < self._slow_names.get(name, -math.inf):
            raise _too_slow(name)
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
        if name in self._known_names:
            lookup = self._start(name)
            await _is_done_within(SLOT_SECONDS, lookup)
        else:
            lookup = await self._start_in_slot(name)
        if lookup.done():
            addresses = await lookup
            _remember(self._known_names, name, math.inf)
            return addresses
        self._known_names.pop(name, None)
        if await _is_done_within(LOOKUP_SECONDS - SLOT_SECONDS, lookup):
            return await lookup
        self._slow_lookups.add(name)
        lookup.add_done_callback(lambda ended: self._end_slow_lookup(name, ended))
        raise _too_slow(name)

    async def _start_in_slot(self, name: str) -> asyncio.Future[Sequence[str]]:
        """Starts a lookup as soon as a slot is free, and waits until it has ended or must leave the slot."""
        await self._slots.acquire(_site_of(name))
        try:
            if self._lookups_without_slot >= MAX_SLOW:
                raise OSError("too many host names are slow to resolve at present")
            lookup = self._start(name)
            if not await _is_done_within(SLOT_SECONDS, lookup):
                self._lookups_without_slot += 1
                lookup.add_done_callback(self._count_ended)
            return lookup
        finally:
            self._slots.release()

    def _start(self, name: str) -> asyncio.Future[Sequence[str]]:
        lookup: asyncio.Future[Sequence[str]] = asyncio.get_running_loop().create_future()
        Thread(
            target=lambda: complete(lookup, lambda: self._resolve_blocking(name)),
            name="postdate-dns",
            daemon=True,
        ).start()
        return lookup

    def _count_ended(self, _: asyncio.Future[Sequence[str]]) -> None:
        self._lookups_without_slot -= 1

    def _end_slow_lookup(self, name: str, lookup: asyncio.Future[Sequence[str]]) -> None:
        if not lookup.cancelled():
            lookup.exception()  # marks it as retrieved: no caller awaits it any more
        self._slow_lookups.discard(name)
        _remember(self._slow_names, name, self._monotonic() + SLOW_NAME_SECONDS)


def _too_slow(name: str) -> OSError:
    return OSError(f"{name} takes too long to resolve")


async def _is_done_within(seconds: float, lookup: asyncio.Future[Sequence[str]]) -> bool:
    done, _ = await asyncio.wait((lookup,), timeout=seconds)
    return bool(done)


def _remember(names: OrderedDict[str, float], name: str, until: float) -> None:
    names[name] = until
    names.move_to_end(name)
    if len(names) > MAX_REMEMBERED_NAMES:
        names.popitem(last=False)


def _site_of(name: str) -> str:
    """Returns the last two labels of a name. Whoever controls a domain controls the speed of its names."""
    return ".".join(name.rstrip(".").split(".")[-2:])


def _resolve_by_system(name: str) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(str(error)) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
