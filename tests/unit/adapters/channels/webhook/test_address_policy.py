from __future__ import annotations

from ipaddress import ip_network

import pytest

from postdate.adapters.channels.webhook.address_policy import AddressPolicy

PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.255.255", "172.32.0.1", "192.167.1.1", "100.128.0.1"),
    *("9.255.255.255", "11.0.0.1", "223.255.255.255", "169.253.1.1", "198.17.1.1", "198.20.0.1"),
    *("2606:4700:4700::1111", "2a00:1450:4001::1", "2400:cb00::1"),
    *("::ffff:8.8.8.8", "64:ff9b::8.8.8.8"),
]
NOT_PUBLIC = [
    # this host, loopback, private, shared, link-local, protocol assignments, documentation, benchmarks
    *("0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255"),  # noqa: S104 - no server listens here
    *("192.168.0.1", "100.64.0.1", "100.127.255.255", "100.100.100.200", "169.254.169.254", "169.254.0.1"),
    *("192.0.0.1", "192.0.0.192", "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255"),
    # relays of 6to4, multicast, reserved, broadcast, and the host of an Azure machine
    *("192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
    # IPv6: unspecified, loopback, unique local, link-local, site-local, multicast, discard, documentation
    *("::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "ff0e::1", "100::1"),
    *("2001:db8::1", "3fff::1", "5f00::1", "4000::1", "8000::1"),
    # IPv4 within IPv6: mapped, compatible, NAT64, local NAT64, 6to4, Teredo
    *("::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0"),
    *("::127.0.0.1", "::8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1"),
    *("64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8", "2002:7f00:1::", "2002:808:808::1"),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::1", "2001:10::1"),
    # addresses with a zone, and texts that are not addresses
    *("fe80::1%eth0", "2606:4700::1%eth0", "", "localhost", "127.1", "0x7f000001", "2130706433", "0177.0.0.1"),
    *("127.0.0.1.", " 127.0.0.1", "[::1]", "8.8.8.8/32"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert AddressPolicy().allows(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_not_allowed(address: str) -> None:
    assert not AddressPolicy().allows(address)


def test_an_allowed_network_is_allowed_in_each_of_its_forms_and_no_other_is() -> None:
    policy = AddressPolicy((ip_network("127.0.0.0/8"), ip_network("fd00::/8")))
    for address in ("127.0.0.1", "127.9.9.9", "::ffff:127.0.0.1", "fd12::1", "8.8.8.8"):
        assert policy.allows(address)
    for address in ("10.0.0.1", "::1", "fc00::1", "0.0.0.0", "::ffff:10.0.0.1", "169.254.169.254", "fd12::1%eth0"):  # noqa: S104 - no server listens here
        assert not policy.allows(address)
