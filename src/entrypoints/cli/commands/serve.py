"""`postdate serve`: the HTTP API, with a delivery loop unless told otherwise."""

from __future__ import annotations

import os
import sys
from ipaddress import ip_address

import click

from ....domain.errors import ConfigurationError
from ...http.server import free_address
from ...process import refuse_unfit_store, run_process
from ...settings import load_settings
from ...workers import run_workers
from ..running import run
from ..settings_flags import SERVING, settings_flags


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="the address to listen on")
@click.option(
    "--port", default=3000, show_default=True, type=click.IntRange(1, 65535), help="the port to listen on"
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="how many processes serve"
)
@click.option("--no-deliver", is_flag=True, help="serve HTTP only")
@click.option("--lifeline", type=int, hidden=True)
@settings_flags(SERVING)
def command(  # one argument a flag
    *, host: str, port: int, workers: int, no_deliver: bool, lifeline: int | None, **flags: str | None
) -> None:
    """Serve the HTTP API and, unless told not to, deliver."""
    settings = load_settings(os.environ, flags)
    if not settings.api_keys and not _is_loopback(host):
        raise ConfigurationError(
            "--host", f"{host} can be reached from elsewhere, so POSTDATE_API_KEYS must be set"
        )
    address = free_address(host, port) if lifeline is None else host
    if workers > 1:
        run(refuse_unfit_store(settings))
        sys.exit(run_workers(workers, address))
    run(run_process(settings, address=(address, port), deliver=not no_deliver, lifeline=lifeline))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
