from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.events import MessageRescheduled
from postdate.application.hasten_message import HastenMessage
from postdate.domain.errors import IllegalTransitionError
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


async def test_a_message_that_waits_is_due_now_and_rings(world: World) -> None:
    message = await world.add(seconds(60))
    rings: list[None] = []
    async with world.doorbell.listen(PARTITION, lambda: rings.append(None)):
        hastened = await HastenMessage(world.changes)(message.id)
    assert hastened == message.hastened(world.clock.now()) == await world.get(message)
    assert (hastened.at, hastened.due_at) == (message.at, world.clock.now())
    assert world.events.events == [MessageRescheduled(hastened)]
    assert rings


async def test_a_claim_that_came_first_wins(world: World) -> None:
    message = await world.add(seconds(0))
    await world.memory.claim_due(await world.locks.acquire(PARTITION, "a", seconds(2)), 1)
    with pytest.raises(IllegalTransitionError):
        await HastenMessage(world.changes)(message.id)
