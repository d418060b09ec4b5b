"""Which networks webhooks may reach besides public ones."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


def parse_networks(text: str) -> tuple[Network, ...]:
    """Reads networks such as `127.0.0.0/8`, comma-separated; a lone address is a network of its own.

    Raises:
        ValueError: one of them is none. One with bits behind its prefix is refused too: it is often a slip that
            opens far more than was meant.
    """
    return tuple(_read(part.strip()) for part in text.split(","))


def _read(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f"has an entry that is no network such as 127.0.0.0/8: {error}") from error
