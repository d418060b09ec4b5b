"""One process of Postdate: what runs in it, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

from .closing import closing
from .container import Container
from .examination import examine, examine_once_it_answers, examined_soon
from .http.app import create_app
from .http.server import HttpServer
from .rate_limit import RateLimiter

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar import Litestar

    from ..application.delivery.partition_supervisor import PartitionSupervisor
    from .settings import Settings

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopSignals:
    """SIGTERM and SIGINT: the first asks to stop, a second ends the process at once."""

    def __init__(self) -> None:
        self._asked = False
        self._callbacks: list[Callable[[], object]] = []

    def listen(self) -> None:
        """Begins to listen, in the running event loop."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._take, number)

    def hold(self, lifeline: int) -> None:
        """Takes the end of a pipe, whose other end is gone with the process that started this one, as a signal."""
        loop = asyncio.get_running_loop()

        def ended() -> None:
            loop.remove_reader(lifeline)
            if not self._asked:
                self._take(signal.SIGTERM)

        loop.add_reader(lifeline, ended)

    def when_asked(self, callback: Callable[[], object]) -> None:
        """Has a function called when asked to stop: at once, if that was before."""
        self._callbacks.append(callback)
        if self._asked:
            callback()

    def _take(self, number: int) -> None:
        if self._asked:
            os._exit(128 + number)
        self._asked = True
        for callback in self._callbacks:
            callback()


async def run_process(
    settings: Settings, *, address: tuple[str, int] | None, deliver: bool, lifeline: int | None = None
) -> None:
    """Serves HTTP at an address, or delivers, or both, until a signal or the end of its lifeline asks to stop.

    Raises:
        ConfigurationError: it cannot run like this.
        ServerDidNotStartError: the embedded store did not start.
    """
    stop = StopSignals()
    stop.listen()
    if lifeline is not None:
        stop.hold(lifeline)
    container = Container(settings=settings)
    async with closing(container), asyncio.TaskGroup() as tasks:
        parts: list[PartitionSupervisor | HttpServer] = []
        if deliver:
            parts.append(container.delivery())
        if address is not None:
            parts.append(_http_server(container, *address))
            stop.when_asked(container.watch_events().stop)
        if not await examined_soon(container.examine_store()):
            examining = tasks.create_task(examine_once_it_answers(container.examine_store(), container.clock()))
            stop.when_asked(examining.cancel)
        for part in parts:
            stop.when_asked(part.stop)
            tasks.create_task(part.run())


async def webhook_secrets(settings: Settings) -> tuple[str, ...]:
    """Returns what webhooks are signed with; where nothing is configured and nothing kept, makes it.

    Raises:
        ConfigurationError: it cannot run like this.
        ServerDidNotStartError: the embedded store did not start.
        StoreUnavailableError: the store did not answer.
    """
    container = Container(settings=settings)
    async with closing(container):
        return await container.webhook_secrets()()


async def deliver_once(settings: Settings) -> None:
    """Delivers what is due now, then returns; a signal cuts it short.

    Raises:
        ConfigurationError: it cannot run like this.
        ServerDidNotStartError: the embedded store did not start.
        StoreUnavailableError: the store did not answer.
    """
    stop = StopSignals()
    stop.listen()
    container = Container(settings=settings)
    async with closing(container):
        await examine(container.examine_store())
        delivery = container.delivery()
        stop.when_asked(delivery.stop)
        await delivery.run_once()


async def refuse_unfit_store(settings: Settings) -> None:
    """Looks at the store on behalf of processes to be started, so that a refusal is said once. Not if it is away.

    Raises:
        ConfigurationError: Postdate cannot run on it.
    """
    if not settings.redis_url:
        return  # the embedded store is set up by ourselves
    container = Container(settings=settings)
    async with container.redis():
        await examined_soon(container.examine_store())


def http_app(container: Container) -> Litestar:
    """Returns the HTTP application over the use cases of a container."""
    settings = container.settings()
    return create_app(
        container.use_cases(),
        container.http_options(),
        api_keys=settings.api_keys,
        limiter=RateLimiter(settings.rate_limit, container.clock().monotonic) if settings.rate_limit else None,
    )


def _http_server(container: Container, host: str, port: int) -> HttpServer:
    return HttpServer(http_app(container), host, port, container.settings().drain_timeout.total_seconds())
