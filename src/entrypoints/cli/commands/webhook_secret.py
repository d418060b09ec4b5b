"""`postdate webhook-secret`: prints the secrets that sign webhooks."""

from __future__ import annotations

import os

import click

from ...process import load_webhook_secrets
from ...settings import load_settings
from ..running import run
from ..settings_flags import SIGNING, settings_flags


@click.command("webhook-secret")
@settings_flags(SIGNING)
def command(**flags: str | None) -> None:
    """Print the secrets that sign webhooks, one per line. Receivers verify a signature with any of them."""
    for secret in run(load_webhook_secrets(load_settings(os.environ, flags))):
        click.echo(secret)
