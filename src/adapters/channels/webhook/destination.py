"""Parses the destination of a webhook into a URL that every HTTP implementation understands the same way."""

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
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")
_IPV6_LITERAL = re.compile(r"\[([0-9A-Fa-f:.]+)\]")
_DNS_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_MAX_NAME_CHARS = 253
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_PRINTABLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a webhook goes.

    Attributes:
        url: The URL to request.
        host: A DNS name in lower case (Punycode if it is international), or an IP address.
        port: The port to connect to.
        address: The host as an IP address; `None` if the host is a name.
    """

    url: URL
    host: str
    port: int
    address: IPv4Address | IPv6Address | None

    @property
    def limiter_key(self) -> tuple[str, int]:
        """The key of the fair limiter: the same for all destinations on one host and port."""
        return self.host, self.port


@lru_cache(maxsize=4_096)
def parse_webhook_url(to: str) -> Destination:
    """Parses a destination. It makes no DNS lookup.

    It refuses every URL that two parsers might understand as different hosts: credentials, unusual spellings of
    IPv4 addresses, percent signs and zones in the host, white space, backslashes.

    Raises:
        InvalidDestinationError: The text is not such a URL.
    """
    if len(to) > MAX_CHARS:
        raise InvalidDestinationError(f"is longer than {MAX_CHARS} characters")
    if _FORBIDDEN.search(to):
        raise InvalidDestinationError("contains white space, a control character or a backslash")
    form = _FORM.fullmatch(to)
    if form is None:
        raise InvalidDestinationError("is not a URL of the form https://HOST[:PORT][/PATH][?QUERY]")
    scheme, authority, target = form[1], form[2], form[3] or "/"
    host, port, address = _parse_authority(authority, _DEFAULT_PORTS[scheme])
    return Destination(url=_build_url(scheme, host, port, target), host=host, port=port, address=address)


def _parse_authority(authority: str, default_port: int) -> tuple[str, int, IPv4Address | IPv6Address | None]:
    if "@" in authority:
        raise InvalidDestinationError("carries credentials; put them into a header of the message")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise InvalidDestinationError("has no well-formed host and port")
    port = int(parts[2]) if parts[2] else default_port
    if not 0 < port <= _MAX_PORT:
        raise InvalidDestinationError(f"has no port from 1 to {_MAX_PORT}")
    address = _parse_address(parts[1])
    return (_parse_name(parts[1]) if address is None else str(address)), port, address


def _parse_address(host: str) -> IPv4Address | IPv6Address | None:
    """Returns the host as an IP address; `None` if the host is a name."""
    try:
        if host.startswith("["):
            literal = _IPV6_LITERAL.fullmatch(host)
            return IPv6Address(literal[1] if literal else host)
        if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            return IPv4Address(host)
    except ValueError as error:
        raise InvalidDestinationError(
            "has a host that looks like an IP address in an unusual spelling; write four decimal numbers, "
            "or IPv6 in brackets"
        ) from error
    return None


def _parse_name(host: str) -> str:
    """Returns the host name as DNS spells it: in lower case and ASCII."""
    try:
        name = host.lower() if host.isascii() else idna.encode(host.lower()).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidDestinationError("has a host that is not a DNS name") from error
    if len(name) > _MAX_NAME_CHARS or not _DNS_NAME.fullmatch(name):
        raise InvalidDestinationError("has a host that is not a DNS name")
    if not host.isascii():
        # IDNA turns the digits and dots of other scripts into ASCII, so an address may appear only now.
        _require_no_address(name)
    return name


def _require_no_address(name: str) -> None:
    if _parse_address(name) is not None:
        raise InvalidDestinationError("has a host that is an IP address in an unusual spelling")


def _build_url(scheme: str, host: str, port: int, target: str) -> URL:
    """Builds the URL from the parsed host and port. The path and the query stay as they were written."""
    host_text = f"[{host}]" if ":" in host else host
    authority = host_text if port == _DEFAULT_PORTS[scheme] else f"{host_text}:{port}"
    path = target if target.startswith("/") else f"/{target}"
    url = URL(f"{scheme}://{authority}{quote(path, safe=_PRINTABLE_ASCII)}", encoded=True)
    if url.raw_host != host or url.port != port:
        raise InvalidDestinationError("is understood differently by different URL parsers")
    return url
