"""The configuration: environment variables, and flags with the same names."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import platformdirs

from ..domain.durability import STORE_DURABILITY, Durability, parse_durability
from ..domain.errors import ConfigurationError, InvalidDurationError
from ..domain.time.duration import format_duration, parse_duration
from .api_keys import ApiKey, parse_api_keys
from .networks import Network, parse_networks
from .places import parse_places
from .rate_limit import RateLimit, parse_rate_limit
from .webhook_secret_setting import parse_webhook_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


MAX_PARTITIONS = 4096
"""Each partition has a delivery loop, so more partitions would only cost."""
MIN_LEASE = timedelta(milliseconds=100)
"""A shorter lease would expire between two renewals."""


def _parse_positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        msg = f"is {text!r}, which is not a whole number of at least 1"
        raise ValueError(msg)
    return number


def _parse_partitions(text: str) -> int:
    number = _parse_positive(text)
    if number > MAX_PARTITIONS:
        raise ValueError(f"is {number}, more than the maximum of {MAX_PARTITIONS} partitions")
    return number


def _parse_lease(text: str) -> timedelta:
    ttl = _parse_duration(text)
    if ttl < MIN_LEASE:
        raise ValueError(f"is {text}, shorter than the minimum of {format_duration(MIN_LEASE)}")
    return ttl


def _parse_duration(text: str) -> timedelta:
    try:
        duration = parse_duration(text)
    except InvalidDurationError as error:
        raise ValueError(str(error)) from error
    if not duration:
        msg = "is zero, but must be longer"
        raise ValueError(msg)
    return duration


def _parse_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, OSError, ValueError) as error:
        msg = f"is {text!r}, which is not a time zone of the IANA database"
        raise ValueError(msg) from error


def _parse_switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"is {text!r:.80}, which is neither 1 nor 0")
    return text == "1"


def _setting(variable: str, parse: Callable[[str], Any], default: Any, help_: str, *, secret: bool = False) -> Any:  # noqa: ANN401  # as dataclasses.field
    metadata = {"variable": variable, "parse": parse, "help": help_}
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. The metadata of each field has its variable, its parser and its help text."""

    redis_url: str = _setting(
        "POSTDATE_REDIS_URL", str, "", "URL of a Redis or Valkey; empty: the embedded store", secret=True
    )
    data_dir: Path = _setting(
        "POSTDATE_DATA_DIR", Path, platformdirs.user_data_path("postdate"), "folder of the embedded store"
    )
    namespace: str = _setting("POSTDATE_NAMESPACE", str, "default", "separates deployments that share a store")
    durability: Durability = _setting(
        "POSTDATE_DURABILITY",
        parse_durability,
        STORE_DURABILITY,
        "what a 2xx waits for: store, fsync or replicas:N",
    )
    strict: bool = _setting("POSTDATE_STRICT", _parse_switch, False, "1: refuse to start if doctor warns")  # noqa: FBT003  # the default
    partitions: int = _setting(
        "POSTDATE_PARTITIONS", _parse_partitions, 1, "number of partitions for new messages"
    )
    poll_interval: timedelta = _setting(
        "POSTDATE_POLL_INTERVAL",
        _parse_duration,
        timedelta(seconds=1),
        "how often an idle instance checks the store",
    )
    lease_ttl: timedelta = _setting(
        "POSTDATE_LEASE_TTL",
        _parse_lease,
        timedelta(seconds=2),
        "time until the claims of a dead instance are taken over",
    )
    drain_timeout: timedelta = _setting(
        "POSTDATE_DRAIN_TIMEOUT",
        _parse_duration,
        timedelta(seconds=30),
        "how long a stop waits for deliveries in flight",
    )
    concurrency: int = _setting(
        "POSTDATE_CONCURRENCY", _parse_positive, 256, "maximum webhook requests in flight per instance"
    )
    webhook_secret: tuple[str, ...] = _setting(
        "POSTDATE_WEBHOOK_SECRET",
        parse_webhook_secrets,
        (),
        "secrets that sign webhooks: whsec_…, comma-separated",
        secret=True,
    )
    webhook_allow: tuple[Network, ...] = _setting(
        "POSTDATE_WEBHOOK_ALLOW", parse_networks, (), "networks that webhooks may reach besides public ones"
    )
    webhook_timeout: timedelta = _setting(
        "POSTDATE_WEBHOOK_TIMEOUT", _parse_duration, timedelta(seconds=30), "maximum time of one attempt"
    )
    timezone: ZoneInfo = _setting(
        "POSTDATE_TIMEZONE", _parse_zone, ZoneInfo("UTC"), "time zone of times without a zone"
    )
    places: tuple[str, ...] = _setting(
        "POSTDATE_PLACES", parse_places, (), "stream:, list: and pubsub: names that may be written to; empty: all"
    )
    api_keys: tuple[ApiKey, ...] = _setting(
        "POSTDATE_API_KEYS", parse_api_keys, (), "keys of the HTTP API: name:secret[:read], comma-separated"
    )
    rate_limit: RateLimit | None = _setting(
        "POSTDATE_RATE_LIMIT",
        parse_rate_limit,
        None,
        "maximum rate of requests per API key and process: 100/s, 600/m",
    )
    retention: timedelta = _setting(
        "POSTDATE_RETENTION", _parse_duration, timedelta(days=1), "how long finished messages are kept"
    )
    retention_count: int = _setting(
        "POSTDATE_RETENTION_COUNT", _parse_positive, 10_000, "how many finished messages are kept per partition"
    )
    max_body_bytes: int = _setting(
        "POSTDATE_MAX_BODY_BYTES", _parse_positive, 262_144, "maximum size of a message body, encoded"
    )
    max_request_bytes: int = _setting(
        "POSTDATE_MAX_REQUEST_BYTES",
        _parse_positive,
        16_777_216,
        "maximum size of a request, except streamed lines",
    )


def load_settings(environment: Mapping[str, str], flags: Mapping[str, str | None]) -> Settings:
    """Returns the settings. A flag takes precedence over its variable, and an empty text counts as not set.

    Args:
        environment: The variables.
        flags: The flags by the name of their field.

    Raises:
        ConfigurationError: A value cannot be parsed.
    """
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        variable = setting.metadata["variable"]
        flag = flags.get(setting.name)
        text = flag or environment.get(variable, "")
        if text:
            name = variable if not flag else flag_of(setting.name)
            values[setting.name] = _parsed(name, setting.metadata["parse"], text)
    return Settings(**values)


def flag_of(name: str) -> str:
    """Returns the flag of a field: `--redis-url` for `redis_url`."""
    return f"--{name.replace('_', '-')}"


def _parsed(name: str, parse: Callable[[str], Any], text: str) -> object:
    try:
        return parse(text)
    except ValueError as error:
        raise ConfigurationError(name, str(error)) from error
