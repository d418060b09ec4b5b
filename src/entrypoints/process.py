"""The work of one process: serve HTTP, deliver, or answer one question about the store."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .container import Container
from .examination import examine, examine_if_available, examine_when_available
from .lifespan import lifespan
from .rate_limit import RateLimiter
from .stop_signals import StopSignals

if TYPE_CHECKING:
    from ..application.delivery.partition_supervisor import PartitionSupervisor
    from .http.server import HttpServer
    from .settings import Settings


async def run_process(
    settings: Settings, *, address: tuple[str, int] | None, deliver: bool, parent_pipe: int | None = None
) -> None:
    """Serves HTTP, delivers, or does both, until a signal or the end of the parent process asks it to stop.

    Args:
        settings: The configuration.
        address: The IP address and port to serve HTTP at; `None` to serve no HTTP.
        deliver: Whether to run the delivery loops.
        parent_pipe: A pipe whose writing end closes when the parent process ends; `None` to outlive the parent.

    Raises:
        ConfigurationError: Postdate cannot run with this configuration or on this store.
        ServerDidNotStartError: The embedded store did not start.
    """
    stop = StopSignals()
    stop.listen()
    if parent_pipe is not None:
        stop.stop_with_parent(parent_pipe)
    container = Container(settings=settings)
    async with lifespan(container), asyncio.TaskGroup() as tasks:
        parts: list[PartitionSupervisor | HttpServer] = []
        if deliver:
            parts.append(container.partition_supervisor())
        if address is not None:
            parts.append(_http_server(container, *address))
            stop.on_stop(container.watch_events().stop)
        if not await examine_if_available(container.examine_store()):
            examining = tasks.create_task(examine_when_available(container.examine_store(), container.clock()))
            stop.on_stop(examining.cancel)
        for part in parts:
            stop.on_stop(part.stop)
            tasks.create_task(part.run())


async def load_webhook_secrets(settings: Settings) -> tuple[str, ...]:
    """Returns the secrets that sign webhooks. If none is configured or stored, creates one and stores it.

    Raises:
        ConfigurationError: Postdate cannot run with this configuration.
        ServerDidNotStartError: The embedded store did not start.
        StoreUnavailableError: The store did not answer.
    """
    container = Container(settings=settings)
    async with lifespan(container):
        return await container.webhook_secrets()()


async def deliver_once(settings: Settings) -> None:
    """Delivers the messages that are due now, then returns. A signal ends the delivery early.

    Raises:
        ConfigurationError: Postdate cannot run with this configuration or on this store.
        ServerDidNotStartError: The embedded store did not start.
        StoreUnavailableError: The store did not answer.
    """
    stop = StopSignals()
    stop.listen()
    container = Container(settings=settings)
    async with lifespan(container):
        await examine(container.examine_store())
        supervisor = container.partition_supervisor()
        stop.on_stop(supervisor.stop)
        await supervisor.run_once()


async def refuse_unsuitable_store(settings: Settings) -> None:
    """Examines the store before worker processes start, so that a refusal is reported once and not by each worker.

    Does nothing if the store is unavailable or embedded: Postdate configures the embedded store itself.

    Raises:
        ConfigurationError: Postdate cannot run on this store.
    """
    if not settings.redis_url:
        return
    container = Container(settings=settings)
    async with container.redis():
        await examine_if_available(container.examine_store())


def _http_server(container: Container, host: str, port: int) -> HttpServer:
    # Imported here because a process without HTTP must not load Litestar and Granian: they cost memory and startup
    # time.
    from .http.app import create_app  # noqa: PLC0415
    from .http.overview import overview_of  # noqa: PLC0415
    from .http.parsing.limits import Limits  # noqa: PLC0415
    from .http.server import HttpServer  # noqa: PLC0415

    settings = container.settings()
    app = create_app(
        schedule=container.schedule_message,
        schedule_many=container.schedule_messages,
        find=container.find_message,
        cancel=container.cancel_message,
        edit=container.edit_message,
        hasten=container.deliver_message_now,
        replay=container.replay_message,
        check=container.check_readiness,
        overview=overview_of(
            container.list_messages,
            container.cancel_messages,
            container.replay_messages,
            container.forecast_messages,
            container.watch_events,
            settings.timezone,
        ),
        schedules=container.schedules,
        zone=settings.timezone,
        limits=Limits(max_body_bytes=settings.max_body_bytes, max_request_bytes=settings.max_request_bytes),
        api_keys=settings.api_keys,
        limiter=RateLimiter(settings.rate_limit, container.clock().monotonic) if settings.rate_limit else None,
    )
    return HttpServer(app, host, port, settings.drain_timeout.total_seconds())
