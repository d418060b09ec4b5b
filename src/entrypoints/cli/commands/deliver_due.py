"""`postdate deliver-due`: delivers and serves no HTTP."""

from __future__ import annotations

import os

import click

from ...process import deliver_once, run_process
from ...settings import load_settings
from ..running import run
from ..settings_flags import DELIVERING, settings_flags


@click.command("deliver-due")
@click.option("--once", is_flag=True, help="deliver the messages that are due now, then end")
@settings_flags(DELIVERING)
def command(*, once: bool, **flags: str | None) -> None:
    """Deliver messages without serving HTTP, until a signal."""
    settings = load_settings(os.environ, flags)
    run(deliver_once(settings) if once else run_process(settings, address=None, deliver=True))
