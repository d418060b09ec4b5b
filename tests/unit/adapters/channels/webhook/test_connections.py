from __future__ import annotations

import pytest

from postdate.adapters.channels.webhook.address_policy import AddressPolicy
from postdate.adapters.channels.webhook.connections import AddressRefusedError, CheckedResolver
from tests.unit.adapters.channels.webhook.names import Names


async def test_all_addresses_of_a_name_are_returned_as_they_were_checked() -> None:
    names = Names(good=[["93.184.216.34", "2606:4700::1"]])
    found = await CheckedResolver(names, AddressPolicy()).resolve("good", 443)
    assert [(it["host"], it["port"]) for it in found] == [("93.184.216.34", 443), ("2606:4700::1", 443)]
    assert names.asked["good"] == 1


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.216.34", "::1"], ["fe80::1%eth0"], [""]])
async def test_one_address_that_is_refused_refuses_the_name(addresses: list[str]) -> None:
    with pytest.raises(AddressRefusedError):
        await CheckedResolver(Names(bad=[addresses]), AddressPolicy()).resolve("bad")


async def test_a_name_without_addresses_cannot_be_connected_to() -> None:
    with pytest.raises(OSError, match="no address"):
        await CheckedResolver(Names(empty=[[]]), AddressPolicy()).resolve("empty")
