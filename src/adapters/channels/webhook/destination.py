"""From the text of a destination to a URL whose parts mean one thing to whoever reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

import idna
from yarl import URL

from ....domain.errors import InvalidDestinationError

MAX_CHARS = 4_096
_FORM = re.compile(r"(https?)://([^/?#]*)([/?][^#]*)?(#.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::([0-9]{1,5}))?")
_BLANK = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")
_IPV6 = re.compile(r"\[([0-9A-Fa-f:.]+)\]")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_MAX_NAME_CHARS = 253
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_PORTS = {"http": 80, "https": 443}
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a webhook goes.

    Attributes:
        url: what is requested.
        host: a name in lower case, as the DNS has it, or an address.
        port: the port.
        address: the host, where it is an address.
    """

    url: URL
    host: str
    port: int
    address: IPv4Address | IPv6Address | None

    @property
    def place(self) -> tuple[str, int]:
        """What it shares with the other destinations on the same host."""
        return self.host, self.port


@lru_cache(maxsize=4_096)
def parse_webhook_url(to: str) -> Destination:
    """Reads a destination. Looks nothing up.

    Whatever two readers might take for different hosts is refused: credentials, odd spellings of IPv4 addresses,
    percent signs, zones, white space, backslashes.

    Raises:
        InvalidDestinationError: it is no such URL.
    """
    if len(to) > MAX_CHARS:
        raise InvalidDestinationError(f"is longer than {MAX_CHARS} characters")
    if _BLANK.search(to):
        raise InvalidDestinationError("contains white space, a control character or a backslash")
    form = _FORM.fullmatch(to)
    if form is None:
        raise InvalidDestinationError("is not a URL of the form https://HOST[:PORT][/PATH][?QUERY]")
    scheme, authority, target = form[1], form[2], form[3] or "/"
    host, port, address = _read_authority(authority, _PORTS[scheme])
    return Destination(url=_url(scheme, host, port, target), host=host, port=port, address=address)


def _read_authority(authority: str, default_port: int) -> tuple[str, int, IPv4Address | IPv6Address | None]:
    if "@" in authority:
        raise InvalidDestinationError("carries credentials; put them into a header of the message")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise InvalidDestinationError("has no well-formed host and port")
    port = int(parts[2]) if parts[2] else default_port
    if not 0 < port <= _HIGHEST_PORT:
        raise InvalidDestinationError(f"has no port from 1 to {_HIGHEST_PORT}")
    address = _read_address(parts[1])
    return (_read_name(parts[1]) if address is None else str(address)), port, address


def _read_address(host: str) -> IPv4Address | IPv6Address | None:
    """Returns the address that the host is; `None` if it is a name."""
    try:
        if host.startswith("["):
            literal = _IPV6.fullmatch(host)
            return IPv6Address(literal[1] if literal else host)
        if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            return IPv4Address(host)
    except ValueError as error:
        raise InvalidDestinationError(
            "has a host that looks like an IP address in an unusual spelling; write four decimal numbers, "
            "or IPv6 in brackets"
        ) from error
    return None


def _read_name(host: str) -> str:
    """Returns a host's name in lower case, as the DNS has it."""
    try:
        name = host.lower() if host.isascii() else idna.encode(host.lower()).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidDestinationError("has a host that is no name of the DNS") from error
    if len(name) > _MAX_NAME_CHARS or not _NAME.fullmatch(name):
        raise InvalidDestinationError("has a host that is no name of the DNS")
    if not host.isascii():
        # Other scripts have digits and dots of their own.
        _require_name(name)
    return name


def _require_name(name: str) -> None:
    if _read_address(name) is not None:
        raise InvalidDestinationError("has a host that is an IP address in an unusual spelling")


def _url(scheme: str, host: str, port: int, target: str) -> URL:
    """Builds the URL from what was understood, the path and the query as they were written."""
    shown = f"[{host}]" if ":" in host else host
    authority = shown if port == _PORTS[scheme] else f"{shown}:{port}"
    path = target if target.startswith("/") else f"/{target}"
    url = URL(f"{scheme}://{authority}{quote(path, safe=_ASCII)}", encoded=True)
    if url.raw_host != host or url.port != port:
        raise InvalidDestinationError("is read differently by different readers")
    return url
