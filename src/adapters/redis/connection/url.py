"""Parses the URL of a store."""

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
    """The kind of store that a URL names."""

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
"""The driver's scheme and the kind of store for each scheme."""

SENTINEL_PREFIX = "sentinel_"
"""The prefix of options for connections to sentinels. Encryption options without it apply to sentinels too."""
_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_DEFAULT_PORTS = {StoreKind.CLUSTER: 6379, StoreKind.SENTINELS: 26379}
_FORMS = {
    StoreKind.SERVER: "SCHEME://[USER:PASSWORD@]HOST[:PORT][/NUMBER]",
    StoreKind.CLUSTER: "SCHEME://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]",
    StoreKind.SENTINELS: "SCHEME://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]/SERVICE[/NUMBER]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreUrl:
    """The parsed URL of a store.

    Attributes:
        kind: The kind of store.
        nodes: The addresses of servers or sentinels; empty for a single server, whose address is in `options`.
        service: The name that the sentinels have for the primary; empty without sentinels.
        options: The driver's options for connections to servers.
        sentinel_options: The driver's options for connections to sentinels.
    """

    kind: StoreKind
    nodes: Sequence[Address] = ()
    service: str = ""
    options: Mapping[str, Any]
    sentinel_options: Mapping[str, Any] = field(default_factory=dict)


def parse_store_url(url: str) -> StoreUrl:
    """Parses a URL.

    Raises:
        ConfigurationError: The URL is malformed, its scheme is unknown, or a file that it names cannot be read.
            The error quotes only names of options from the URL, since anything else may be a part of a password.
    """
    scheme, separator, rest = url.partition("://")
    if scheme not in SCHEMES or not separator:
        raise invalid_url(f"must begin with one of {', '.join(f'{name}://' for name in SCHEMES)}")
    driver, kind = SCHEMES[scheme]
    try:
        return _parse_server(driver, rest) if kind is StoreKind.SERVER else _parse_nodes(driver, kind, rest)
    except (ValueError, TypeError):
        # The parser's error may quote a password from the URL, so neither its text nor the error itself is passed
        # on.
        raise malformed_url(kind) from None


def invalid_url(problem: str) -> ConfigurationError:
    """Returns the error of an invalid URL. The problem ends a sentence that begins with the variable."""
    return ConfigurationError("POSTDATE_REDIS_URL", problem)


def malformed_url(kind: StoreKind) -> ConfigurationError:
    """Returns the error of a URL that does not have the form of its kind of store."""
    return invalid_url(
        f"does not have the form {_FORMS[kind]}[?OPTION=VALUE…], in which characters like / # ? @ of a user or "
        "password are written as %2F %23 %3F %40"
    )


def _parse_server(driver: str, rest: str) -> StoreUrl:
    _ = urlsplit(f"{driver}://{rest}").port
    return StoreUrl(kind=StoreKind.SERVER, options=_checked_files(parse_url(f"{driver}://{rest}")))


def _parse_nodes(driver: str, kind: StoreKind, rest: str) -> StoreUrl:
    if "#" in rest:
        raise ValueError
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    credentials, at, hosts = authority.rpartition("@")
    server_options, sentinel_options = _options_of(query)
    service, _, number = path.partition("/")
    if kind is StoreKind.CLUSTER and (path or "db" in dict(server_options)):
        raise invalid_url("names a database, but a cluster has only one")
    if kind is StoreKind.SENTINELS and not service:
        raise invalid_url("lacks the name that its sentinels have for the primary: …HOST:PORT/SERVICE")
    nodes = [_address(host, _DEFAULT_PORTS[kind]) for host in hosts.split(",")]
    options = parse_url(
        f"{driver}://{credentials}{at}{nodes[0][0]}/{_database(number)}?{urlencode(server_options)}"
    )
    encryption = [(name, value) for name, value in server_options if name.startswith("ssl_")]
    return StoreUrl(
        kind=kind,
        nodes=nodes,
        service=unquote(service),
        options=_checked_files(_without_address(options)),
        sentinel_options=_checked_files(
            _without_address(parse_url(f"{driver}://?{urlencode(encryption + sentinel_options)}"))
        ),
    )


def _options_of(query: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Returns the options of the servers, and the options of the sentinels without their prefix."""
    options = parse_qsl(query, strict_parsing=bool(query))
    prefix = SENTINEL_PREFIX
    server_options = [(name, value) for name, value in options if not name.startswith(prefix)]
    sentinel_options = [(name.removeprefix(prefix), value) for name, value in options if name.startswith(prefix)]
    return server_options, sentinel_options


def _database(text: str) -> str:
    return str(int(text)) if text else ""


def _address(text: str, default_port: int) -> Address:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.path:
        raise ValueError
    return unquote(parts.hostname), parts.port or default_port


def _without_address(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in options.items() if name not in {"host", "port"}}


def _checked_files(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the options. Raises if they name an unreadable file, which would look like an unavailable server."""
    for name in _FILES:
        if name in options and not os.access(options[name], os.R_OK):
            raise invalid_url(f"names a file in {name} that cannot be read")
    return options
