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
from tests.unit.adapters.channels.webhook.names import Names

PUBLIC, PRIVATE = ["93.184.216.34", "2606:4700::1"], ["10.0.0.1"]


def check_with(names: Names, clock: ManualClock | None = None, *opened: str) -> DestinationCheck:
    policy = AddressPolicy(tuple(ip_network(network) for network in opened))
    return DestinationCheck(Connections(policy=policy, look_up=names), clock or ManualClock())


@pytest.mark.parametrize(
    "to", ["http://10.0.0.1/", "http://[::1]:80", "http://[::ffff:127.0.0.1]", "http://127.1"]
)
async def test_an_address_is_refused_without_a_look_up(to: str) -> None:
    names = Names()
    with pytest.raises(InvalidDestinationError):
        await check_with(names)(to)
    assert not names.asked


async def test_a_name_is_judged_by_every_address_it_leads_to() -> None:
    check = check_with(Names(good=[PUBLIC], bad=[[*PUBLIC, *PRIVATE]]))
    await check("https://good/")
    with pytest.raises(InvalidDestinationError, match=r"10\.0\.0\.1"):
        await check("https://bad/")


async def test_what_is_opened_is_accepted() -> None:
    check = check_with(Names(near=[PRIVATE]), None, "10.0.0.0/8")
    await check("http://near/")
    await check("http://10.1.2.3/")


async def test_a_name_that_leads_nowhere_yet_is_accepted() -> None:
    names = Names()
    check = check_with(names)
    for _ in range(3):
        await check("https://later/")
    assert names.asked["later"] == 1


async def test_a_look_up_that_takes_too_long_does_not_hold_up_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destination_check, "LOOK_UP_WITHIN_SECONDS", 0.01)
    names = Names()
    names.silent.add("silent")
    await check_with(names)("https://silent/")


async def test_a_name_is_looked_up_once_for_a_batch_and_again_later() -> None:
    names, clock = Names(good=[PUBLIC, PRIVATE]), ManualClock()
    check = check_with(names, clock)
    for number in range(10_000):
        await check(f"https://good/{number}")
    assert names.asked["good"] == 1
    clock.advance(timedelta(seconds=destination_check.REMEMBERED_FOR_SECONDS))
    with pytest.raises(InvalidDestinationError):
        await check("https://good/")


async def test_no_more_names_are_remembered_than_there_is_room_for() -> None:
    names = Names()
    check = check_with(names)
    for number in range(destination_check.REMEMBERED_NAMES + 1):
        await check(f"https://n{number}x/")
    await check("https://n1x/")
    assert names.asked["n1x"] == 1
    await check("https://n0x/")
    assert names.asked["n0x"] == 2
