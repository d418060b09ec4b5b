from __future__ import annotations

import pytest

from postdate.adapters.channels.webhook.address_policy import AddressNotAllowedError, AddressPolicy
from postdate.adapters.channels.webhook.connections import CheckedResolver
from tests.unit.adapters.channels.webhook.fake_dns import FakeDns


async def test_the_addresses_that_were_checked_are_the_ones_that_are_returned() -> None:
    dns = FakeDns(good=[["93.184.216.34", "2606:4700::1"]])
    found = await CheckedResolver(dns, AddressPolicy()).resolve("good", 443)
    assert [(it["host"], it["port"]) for it in found] == [("93.184.216.34", 443), ("2606:4700::1", 443)]
    assert dns.lookups["good"] == 1


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.216.34", "::1"], ["fe80::1%eth0"], [""]])
async def test_a_name_with_one_address_that_is_not_allowed_is_refused(addresses: list[str]) -> None:
    with pytest.raises(AddressNotAllowedError):
        await CheckedResolver(FakeDns(bad=[addresses]), AddressPolicy()).resolve("bad")


async def test_a_name_without_addresses_is_an_error() -> None:
    with pytest.raises(OSError, match="no address"):
        await CheckedResolver(FakeDns(empty=[[]]), AddressPolicy()).resolve("empty")
