"""The flags that set what the environment variables set."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..settings import Settings, flag_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import Field

F = TypeVar("F", bound="Callable[..., Any]")

EXAMINING = ("redis_url", "data_dir", "durability", "strict")
"""The settings of a process that examines the store and does nothing else."""
_STORE = (*EXAMINING, "namespace")
_DELIVERY = ("partitions", "poll_interval", "lease_ttl", "drain_timeout", "retention", "retention_count", "places")
_WEBHOOKS = ("concurrency", "webhook_secret", "webhook_allow", "webhook_timeout")
_HTTP = ("timezone", "api_keys", "rate_limit", "max_body_bytes", "max_request_bytes")

SIGNING = (*_STORE, "webhook_secret")
"""The settings of a process that reads the secrets that sign webhooks."""
LISTING = (*_STORE, "partitions", "timezone")
"""The settings of a process that lists messages."""
DELIVERING = (*_STORE, *_DELIVERY, *_WEBHOOKS)
"""The settings of a process that delivers."""
SERVING = (*DELIVERING, *_HTTP)
"""The settings of a process that delivers and serves HTTP."""


def settings_flags(names: tuple[str, ...]) -> Callable[[F], F]:
    """Returns a decorator that adds a flag for each named setting. `load_settings` parses the text of a flag."""

    def decorate(function: F) -> F:
        for setting in reversed(fields(Settings)):
            if setting.name in names:
                function = _option(setting)(function)
        return function

    return decorate


def _option(setting: Field[Any]) -> Callable[[F], F]:
    """Returns the flag of a setting. The flag of a switch accepts no value."""
    flag, text = flag_of(setting.name), f"{setting.metadata['help']} [{setting.metadata['variable']}]"
    if setting.default is False:
        return click.option(flag, setting.name, help=text, is_flag=True, flag_value="1", default=None)
    return click.option(flag, setting.name, help=text)
