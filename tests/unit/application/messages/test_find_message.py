from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.messages.find_message import FindMessage
from postdate.domain.errors import MessageNotFoundError, StoreUnavailableError
from tests.unit.application.world import Line, StoreOverLine, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


async def test_a_message_is_found_in_its_present_state(world: World) -> None:
    message = await world.add(seconds(5))
    find = FindMessage(world.memory, world.ids)
    assert await find(message.id) == message
    await world.memory.change(message.id, lambda waiting: waiting.cancelled(world.clock.now()))
    assert await find(message.id) == message.cancelled(world.clock.now())


async def test_an_unknown_id_is_not_found(world: World) -> None:
    find = FindMessage(world.memory, world.ids)
    with pytest.raises(MessageNotFoundError):
        await find(world.ids.next(world.clock.now()))


@pytest.mark.parametrize("text", ["", "x", "../..", "ü" * 12, "0" * 100])
async def test_a_malformed_id_is_not_found_without_a_call_of_the_store(world: World, text: str) -> None:
    line = Line(world.clock)
    with pytest.raises(MessageNotFoundError):
        await FindMessage(StoreOverLine(world.memory, line), world.ids)(text)
    assert line.calls == []


async def test_an_unavailable_store_is_not_reported_as_not_found(world: World) -> None:
    line = Line(world.clock)
    line.cut = True
    with pytest.raises(StoreUnavailableError):
        await FindMessage(StoreOverLine(world.memory, line), world.ids)(world.ids.next(world.clock.now()))
