"""`postdate deliver-due`: the delivery loop alone."""

from __future__ import annotations

import os

import click

from ...process import deliver_once, run_process
from ...settings import load_settings
from ..running import run
from ..settings_flags import DELIVERING, settings_flags


@click.command("deliver-due")
@click.option("--once", is_flag=True, help="deliver what is due, then end")
@settings_flags(DELIVERING)
def command(*, once: bool, **flags: str | None) -> None:
    """Deliver without serving HTTP, until told to stop."""
    settings = load_settings(os.environ, flags)
    run(deliver_once(settings) if once else run_process(settings, address=None, deliver=True))
