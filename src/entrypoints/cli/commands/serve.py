"""`postdate serve`: serves the HTTP API, and delivers unless `--no-deliver` is given."""

from __future__ import annotations

import os
import sys
from ipaddress import ip_address

import click

from ....domain.errors import ConfigurationError
from ...http.server import free_address
from ...process import refuse_unsuitable_store, run_process
from ...settings import load_settings
from ...workers import run_workers
from ..running import run
from ..settings_flags import SERVING, settings_flags


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="address to listen on")
@click.option("--port", default=3000, show_default=True, type=click.IntRange(1, 65535), help="port to listen on")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="number of processes")
@click.option("--no-deliver", is_flag=True, help="serve HTTP without delivering")
@click.option("--parent-pipe", type=int, hidden=True)
@settings_flags(SERVING)
def command(  # one argument per flag
    *, host: str, port: int, workers: int, no_deliver: bool, parent_pipe: int | None, **flags: str | None
) -> None:
    """Serve the HTTP API and deliver messages."""
    settings = load_settings(os.environ, flags)
    if not settings.api_keys and not _is_loopback(host):
        raise ConfigurationError(
            "--host", f"{host} may be reachable from other machines, so POSTDATE_API_KEYS must be set"
        )
    address = free_address(host, port) if parent_pipe is None else host
    if workers > 1:
        run(refuse_unsuitable_store(settings))
        sys.exit(run_workers(workers, address))
    run(run_process(settings, address=(address, port), deliver=not no_deliver, parent_pipe=parent_pipe))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
