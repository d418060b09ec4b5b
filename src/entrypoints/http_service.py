"""Builds the HTTP application and its server from a container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .http.app import create_app
from .http.server import HttpServer
from .rate_limit import RateLimiter

if TYPE_CHECKING:
    from litestar import Litestar

    from .container import Container


def http_app(container: Container) -> Litestar:
    """Returns the HTTP application over the use cases of a container."""
    settings = container.settings()
    return create_app(
        container.use_cases(),
        container.http_options(),
        api_keys=settings.api_keys,
        limiter=RateLimiter(settings.rate_limit, container.clock().monotonic) if settings.rate_limit else None,
    )


def http_server(container: Container, host: str, port: int) -> HttpServer:
    """Returns the server of that application. It listens once it runs."""
    return HttpServer(http_app(container), host, port, container.settings().drain_timeout.total_seconds())
