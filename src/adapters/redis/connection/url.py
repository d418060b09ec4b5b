"""What the URL of a store says."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from redis.asyncio.connection import parse_url

from ....domain.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Address = tuple[str, int]
"""Host and port."""


class StoreKind(Enum):
    """What stands behind a URL."""

    SERVER = auto()
    CLUSTER = auto()
    SENTINELS = auto()


SCHEMES = {
    "redis": ("redis", StoreKind.SERVER),
    "rediss": ("rediss", StoreKind.SERVER),
    "unix": ("unix", StoreKind.SERVER),
    "valkey": ("redis", StoreKind.SERVER),
    "valkeys": ("rediss", StoreKind.SERVER),
    "redis+cluster": ("redis", StoreKind.CLUSTER),
    "rediss+cluster": ("rediss", StoreKind.CLUSTER),
    "valkey+cluster": ("redis", StoreKind.CLUSTER),
    "valkeys+cluster": ("rediss", StoreKind.CLUSTER),
    "redis+sentinel": ("redis", StoreKind.SENTINELS),
    "rediss+sentinel": ("rediss", StoreKind.SENTINELS),
    "valkey+sentinel": ("redis", StoreKind.SENTINELS),
    "valkeys+sentinel": ("rediss", StoreKind.SENTINELS),
}
"""The driver's name for how to speak, and to what."""

SENTINEL_OPTION = "sentinel_"
"""What the options of the connections to the sentinels begin with; those of encryption are shared unless given."""
_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_DEFAULT_PORTS = {StoreKind.CLUSTER: 6379, StoreKind.SENTINELS: 26379}
_FORMS = {
    StoreKind.SERVER: "SCHEME://[USER:PASSWORD@]HOST[:PORT][/NUMBER]",
    StoreKind.CLUSTER: "SCHEME://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]",
    StoreKind.SENTINELS: "SCHEME://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]/SERVICE[/NUMBER]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreUrl:
    """The URL of a store, understood.

    Attributes:
        kind: what is behind it.
        nodes: the servers or sentinels named; empty for a single server, which the options name.
        service: what the sentinels call their primary; empty without them.
        options: of the connections to servers, as the driver names them.
        sentinel_options: of the connections to sentinels.
    """

    kind: StoreKind
    nodes: Sequence[Address] = ()
    service: str = ""
    options: Mapping[str, Any]
    sentinel_options: Mapping[str, Any] = field(default_factory=dict)


def parse_store_url(url: str) -> StoreUrl:
    """Reads a URL.

    Raises:
        ConfigurationError: it cannot be understood, or its scheme is not known. The error quotes nothing from the
            URL but the names of options, since anything else may be a part of a password.
    """
    scheme, separator, rest = url.partition("://")
    if scheme not in SCHEMES or not separator:
        raise fault(f"must begin with one of {', '.join(f'{name}://' for name in SCHEMES)}")
    driver, kind = SCHEMES[scheme]
    try:
        return _read_server(driver, rest) if kind is StoreKind.SERVER else _read_many(driver, kind, rest)
    except (ValueError, TypeError):
        # Who could not read the URL quotes from it, be it a password: neither words nor cause are passed on.
        raise not_understood(kind) from None


def fault(words: str) -> ConfigurationError:
    """Returns the error of a URL that is wrong, in words that end the sentence its variable begins."""
    return ConfigurationError("POSTDATE_REDIS_URL", words)


def not_understood(kind: StoreKind) -> ConfigurationError:
    """Returns the error of a URL that does not have the form of its kind."""
    return fault(
        f"cannot be understood as {_FORMS[kind]}[?OPTION=VALUE…], in which signs like / # ? @ of a user or "
        "password are written as %2F %23 %3F %40"
    )


def _read_server(driver: str, rest: str) -> StoreUrl:
    _ = urlsplit(f"{driver}://{rest}").port
    return StoreUrl(kind=StoreKind.SERVER, options=_readable(parse_url(f"{driver}://{rest}")))


def _read_many(driver: str, kind: StoreKind, rest: str) -> StoreUrl:
    if "#" in rest:
        raise ValueError
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    who, at, hosts = authority.rpartition("@")
    plain, for_sentinels = _options_of(query)
    service, _, number = path.partition("/")
    if kind is StoreKind.CLUSTER and (path or "db" in dict(plain)):
        raise fault("names a database, but a cluster has only one")
    if kind is StoreKind.SENTINELS and not service:
        raise fault("lacks the name that its sentinels have for the primary: …HOST:PORT/SERVICE")
    nodes = [_address(host, _DEFAULT_PORTS[kind]) for host in hosts.split(",")]
    options = parse_url(f"{driver}://{who}{at}{nodes[0][0]}/{_number(number)}?{urlencode(plain)}")
    encryption = [(name, value) for name, value in plain if name.startswith("ssl_")]
    return StoreUrl(
        kind=kind,
        nodes=nodes,
        service=unquote(service),
        options=_readable(_without_address(options)),
        sentinel_options=_readable(
            _without_address(parse_url(f"{driver}://?{urlencode(encryption + for_sentinels)}"))
        ),
    )


def _options_of(query: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Returns the options of the servers, and those of the sentinels without what their names begin with."""
    options = parse_qsl(query, strict_parsing=bool(query))
    plain = [(name, value) for name, value in options if not name.startswith(SENTINEL_OPTION)]
    theirs = [(name.removeprefix(SENTINEL_OPTION), value) for name, value in options]
    return plain, [option for option, (name, _) in zip(theirs, options, strict=True) if option[0] != name]


def _number(text: str) -> str:
    return str(int(text)) if text else ""


def _address(text: str, default_port: int) -> Address:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.path:
        raise ValueError
    return unquote(parts.hostname), parts.port or default_port


def _without_address(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in options.items() if name not in {"host", "port"}}


def _readable(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuses options that name files which cannot be read: it would look like a server that is away."""
    for name in _FILES:
        if name in options and not os.access(options[name], os.R_OK):
            raise fault(f"names a file in {name} that cannot be read")
    return options
