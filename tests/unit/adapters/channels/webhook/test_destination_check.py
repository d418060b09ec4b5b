from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

import pytest

from postdate.adapters.channels.webhook import destination_check
from postdate.adapters.channels.webhook.address_policy import AddressPolicy
from postdate.adapters.channels.webhook.connections import Connections
from postdate.adapters.channels.webhook.destination_check import DestinationCheck
from postdate.adapters.memory.clock import ManualClock
from postdate.domain.errors import InvalidDestinationError
from tests.unit.adapters.channels.webhook.fake_dns import FakeDns

PUBLIC, PRIVATE = ["93.184.216.34", "2606:4700::1"], ["10.0.0.1"]


def check_with(dns: FakeDns, clock: ManualClock | None = None, *allowed: str) -> DestinationCheck:
    policy = AddressPolicy(tuple(ip_network(network) for network in allowed))
    return DestinationCheck(Connections(policy=policy, resolve_name=dns), clock or ManualClock())


@pytest.mark.parametrize(
    "to", ["http://10.0.0.1/", "http://[::1]:80", "http://[::ffff:127.0.0.1]", "http://127.1"]
)
async def test_an_ip_address_is_refused_without_a_lookup(to: str) -> None:
    dns = FakeDns()
    with pytest.raises(InvalidDestinationError):
        await check_with(dns)(to)
    assert not dns.lookups


async def test_a_name_is_judged_by_each_of_its_addresses() -> None:
    check = check_with(FakeDns(good=[PUBLIC], bad=[[*PUBLIC, *PRIVATE]]))
    await check("https://good/")
    with pytest.raises(InvalidDestinationError, match=r"10\.0\.0\.1"):
        await check("https://bad/")


async def test_an_address_of_an_allowed_network_is_accepted() -> None:
    check = check_with(FakeDns(near=[PRIVATE]), None, "10.0.0.0/8")
    await check("http://near/")
    await check("http://10.1.2.3/")


async def test_a_name_that_has_no_address_yet_is_accepted() -> None:
    dns = FakeDns()
    check = check_with(dns)
    for _ in range(3):
        await check("https://later/")
    assert dns.lookups["later"] == 1


async def test_a_lookup_that_takes_too_long_does_not_delay_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destination_check, "LOOKUP_TIMEOUT_SECONDS", 0.01)
    dns = FakeDns()
    dns.silent.add("silent")
    await check_with(dns)("https://silent/")


async def test_a_name_is_looked_up_once_for_a_batch_and_again_after_the_cache_expired() -> None:
    dns, clock = FakeDns(good=[PUBLIC, PRIVATE]), ManualClock()
    check = check_with(dns, clock)
    for number in range(10_000):
        await check(f"https://good/{number}")
    assert dns.lookups["good"] == 1
    clock.advance(timedelta(seconds=destination_check.CACHE_TTL_SECONDS))
    with pytest.raises(InvalidDestinationError):
        await check("https://good/")


async def test_the_cache_holds_a_limited_number_of_names() -> None:
    dns = FakeDns()
    check = check_with(dns)
    for number in range(destination_check.MAX_CACHED_NAMES + 1):
        await check(f"https://n{number}x/")
    await check("https://n1x/")
    assert dns.lookups["n1x"] == 1
    await check("https://n0x/")
    assert dns.lookups["n0x"] == 2
