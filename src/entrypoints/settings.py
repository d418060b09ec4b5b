"""The configuration: environment variables, and the flags of the same names."""

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
"""A delivery loop runs for each, so more would only cost."""
MIN_LEASE = timedelta(milliseconds=100)
"""A shorter one would run out between two renewals."""


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        msg = f"is {text!r}, which is not a whole number of at least 1"
        raise ValueError(msg)
    return number


def _partitions(text: str) -> int:
    number = _positive(text)
    if number > MAX_PARTITIONS:
        raise ValueError(f"is {number}, more than the {MAX_PARTITIONS} partitions there can be")
    return number


def _lease(text: str) -> timedelta:
    ttl = _duration(text)
    if ttl < MIN_LEASE:
        raise ValueError(f"is {text}, shorter than the {format_duration(MIN_LEASE)} that a lease must live")
    return ttl


def _duration(text: str) -> timedelta:
    try:
        duration = parse_duration(text)
    except InvalidDurationError as error:
        raise ValueError(str(error)) from error
    if not duration:
        msg = "is zero, which would never let anything rest"
        raise ValueError(msg)
    return duration


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, OSError, ValueError) as error:
        msg = f"is {text!r}, which is no time zone of the IANA database"
        raise ValueError(msg) from error


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"is {text!r:.80}, which is neither 1 nor 0")
    return text == "1"


def _setting(variable: str, read: Callable[[str], Any], default: Any, help_: str, *, secret: bool = False) -> Any:  # noqa: ANN401  # as dataclasses.field
    return field(default=default, metadata={"variable": variable, "read": read, "help": help_}, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. Each field names its variable, how it is read and what it means."""

    redis_url: str = _setting(
        "POSTDATE_REDIS_URL", str, "", "Redis or Valkey; empty: the embedded store", secret=True
    )
    data_dir: Path = _setting(
        "POSTDATE_DATA_DIR", Path, platformdirs.user_data_path("postdate"), "where the embedded store lives"
    )
    namespace: str = _setting("POSTDATE_NAMESPACE", str, "default", "separates deployments on one store")
    durability: Durability = _setting(
        "POSTDATE_DURABILITY",
        parse_durability,
        STORE_DURABILITY,
        "what a 2xx waits for: store, fsync or replicas:N",
    )
    strict: bool = _setting("POSTDATE_STRICT", _switch, False, "1: refuse to start where doctor would warn")  # noqa: FBT003  # the default
    partitions: int = _setting("POSTDATE_PARTITIONS", _partitions, 1, "how many new messages are spread over")
    poll_interval: timedelta = _setting(
        "POSTDATE_POLL_INTERVAL", _duration, timedelta(seconds=1), "how often an idle instance looks in"
    )
    lease_ttl: timedelta = _setting(
        "POSTDATE_LEASE_TTL", _lease, timedelta(seconds=2), "after how long a dead instance is taken over"
    )
    drain_timeout: timedelta = _setting(
        "POSTDATE_DRAIN_TIMEOUT", _duration, timedelta(seconds=30), "how long a stop waits for deliveries"
    )
    concurrency: int = _setting("POSTDATE_CONCURRENCY", _positive, 256, "webhooks under way per instance")
    webhook_secret: tuple[str, ...] = _setting(
        "POSTDATE_WEBHOOK_SECRET", parse_webhook_secrets, (), "whsec_…, several comma-separated", secret=True
    )
    webhook_allow: tuple[Network, ...] = _setting(
        "POSTDATE_WEBHOOK_ALLOW", parse_networks, (), "networks webhooks may reach besides public ones"
    )
    webhook_timeout: timedelta = _setting(
        "POSTDATE_WEBHOOK_TIMEOUT", _duration, timedelta(seconds=30), "how long an attempt may take"
    )
    places: tuple[str, ...] = _setting(
        "POSTDATE_PLACES", parse_places, (), "stream:, list: and pubsub: names that may be written to; empty: all"
    )
    timezone: ZoneInfo = _setting("POSTDATE_TIMEZONE", _zone, ZoneInfo("UTC"), "zone of times that carry none")
    api_keys: tuple[ApiKey, ...] = _setting(
        "POSTDATE_API_KEYS", parse_api_keys, (), "name:secret[:read], comma-separated"
    )
    rate_limit: RateLimit | None = _setting(
        "POSTDATE_RATE_LIMIT", parse_rate_limit, None, "requests of each key: 100/s, 600/m"
    )
    retention: timedelta = _setting(
        "POSTDATE_RETENTION", _duration, timedelta(days=1), "how long the finished past is kept"
    )
    retention_count: int = _setting(
        "POSTDATE_RETENTION_COUNT", _positive, 10_000, "how many finished messages are kept"
    )
    max_body_bytes: int = _setting(
        "POSTDATE_MAX_BODY_BYTES", _positive, 262_144, "the largest body of a message, encoded"
    )
    max_request_bytes: int = _setting("POSTDATE_MAX_REQUEST_BYTES", _positive, 16_777_216, "the largest request")


def load_settings(environment: Mapping[str, str], flags: Mapping[str, str | None]) -> Settings:
    """Reads what is set: a flag before its variable, and an empty text as if it were not there.

    Args:
        environment: the variables.
        flags: the flags by the name of their field.

    Raises:
        ConfigurationError: a value cannot be understood.
    """
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        variable = setting.metadata["variable"]
        flag = flags.get(setting.name)
        text = flag or environment.get(variable, "")
        if text:
            name = variable if not flag else flag_of(setting.name)
            values[setting.name] = _read(name, setting.metadata["read"], text)
    return Settings(**values)


def flag_of(name: str) -> str:
    """Returns the flag of a field: `--redis-url`."""
    return f"--{name.replace('_', '-')}"


def _read(name: str, read: Callable[[str], Any], text: str) -> object:
    try:
        return read(text)
    except ValueError as error:
        raise ConfigurationError(name, str(error)) from error
