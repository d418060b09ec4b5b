from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.messages.find_message import FindMessage
from postdate.domain.errors import MessageNotFoundError, StoreUnavailableError
from tests.faults import FaultInjector
from tests.unit.application.world import seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


async def test_a_message_is_found_in_its_present_state(world: World) -> None:
    message = await world.add(seconds(5))
    find = FindMessage(world.store, world.ids)
    assert await find(message.id) == message
    await world.store.change(message.id, lambda waiting: waiting.cancelled(world.clock.now()))
    assert await find(message.id) == message.cancelled(world.clock.now())


async def test_an_unknown_id_is_not_found(world: World) -> None:
    find = FindMessage(world.store, world.ids)
    with pytest.raises(MessageNotFoundError):
        await find(world.ids.next(world.clock.now()))


@pytest.mark.parametrize("text", ["", "x", "../..", "ü" * 12, "0" * 100])
async def test_a_malformed_id_is_not_found_without_a_call_of_the_store(world: World, text: str) -> None:
    line = FaultInjector(world.clock)
    with pytest.raises(MessageNotFoundError):
        await FindMessage(line.wrap(world.store), world.ids)(text)
    assert line.calls == []


async def test_an_unavailable_store_is_not_reported_as_not_found(world: World) -> None:
    line = FaultInjector(world.clock)
    line.cut = True
    with pytest.raises(StoreUnavailableError):
        await FindMessage(line.wrap(world.store), world.ids)(world.ids.next(world.clock.now()))
