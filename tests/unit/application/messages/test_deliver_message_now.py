from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.events.events import MessageRescheduled
from postdate.application.messages.deliver_message_now import DeliverMessageNow
from postdate.domain.errors import IllegalTransitionError
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


async def test_a_waiting_message_is_made_due_and_the_doorbell_rings(world: World) -> None:
    message = await world.add(seconds(60))
    rings: list[None] = []
    async with world.doorbell.listen(PARTITION, lambda: rings.append(None)):
        made_due = await DeliverMessageNow(world.changes)(message.id)
    assert made_due == message.made_due(world.clock.now()) == await world.get(message)
    assert (made_due.at, made_due.due_at) == (message.at, world.clock.now())
    assert world.events.events == [MessageRescheduled(made_due)]
    assert rings


async def test_a_claim_that_came_first_wins(world: World) -> None:
    message = await world.add(seconds(0))
    await world.claims.claim_due(await world.locks.acquire(PARTITION, "a", seconds(2)), 1)
    with pytest.raises(IllegalTransitionError):
        await DeliverMessageNow(world.changes)(message.id)
