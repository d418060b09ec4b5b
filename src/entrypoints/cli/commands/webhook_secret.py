"""`postdate webhook-secret`: the secrets that webhooks are signed with."""

from __future__ import annotations

import os

import click

from ...process import webhook_secrets
from ...settings import load_settings
from ..running import run
from ..settings_flags import SIGNING, settings_flags


@click.command("webhook-secret")
@settings_flags(SIGNING)
def command(**flags: str | None) -> None:
    """Print what webhooks are signed with, one secret a line; receivers verify with any of them."""
    for secret in run(webhook_secrets(load_settings(os.environ, flags))):
        click.echo(secret)
