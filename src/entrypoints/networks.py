"""Parses the setting of the networks that webhooks may reach besides public ones."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


def parse_networks(text: str) -> tuple[Network, ...]:
    """Parses comma-separated networks such as `127.0.0.0/8`. An address alone is a network of one address.

    Raises:
        ValueError: An entry is not a network, or has bits set behind its prefix. Such bits are often a mistake
            that opens far more addresses than intended.
    """
    return tuple(_parse_network(entry.strip()) for entry in text.split(","))


def _parse_network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f"has an entry that is not a network such as 127.0.0.0/8: {error}") from error
