from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.events.events import MessageCancelled, MessageReplayed
from postdate.application.messages.replay_message import ReplayMessage
from postdate.domain.errors import IllegalTransitionError, MessageNotFoundError
from postdate.domain.messages.message import Message
from postdate.domain.messages.outcome import Failure
from postdate.domain.messages.status import Status
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


@pytest.fixture
def replay(world: World) -> ReplayMessage:
    return ReplayMessage(world.changes)


async def died(world: World) -> Message:
    await world.add(seconds(0))
    lease = await world.locks.acquire(PARTITION, "a", seconds(2))
    (claimed,) = (await world.claims.claim_due(lease, 1)).messages
    dead = claimed.died(Failure(at=world.clock.now(), reason="refused"))
    await world.claims.settle(lease, [dead])
    return dead


async def test_a_dead_message_is_due_again_and_the_doorbell_rings(world: World, replay: ReplayMessage) -> None:
    dead = await died(world)
    world.clock.advance(seconds(5))
    rings: list[None] = []
    async with world.doorbell.listen(PARTITION, lambda: rings.append(None)):
        replayed = await replay(dead.id)
    assert replayed == dead.replayed(world.clock.now()) == await world.get(dead)
    assert (replayed.status, replayed.attempts, replayed.due_at) == (Status.SCHEDULED, 0, world.clock.now())
    assert world.events.events == [MessageReplayed(replayed)]
    assert rings


async def test_a_cancelled_message_cannot_be_replayed(world: World, replay: ReplayMessage) -> None:
    cancelled = await world.add(seconds(1))
    await world.changes.apply(cancelled.id, Message.cancelled, MessageCancelled)
    with pytest.raises(IllegalTransitionError):
        await replay(cancelled.id)


async def test_a_waiting_message_cannot_be_replayed(world: World, replay: ReplayMessage) -> None:
    waiting = await world.add(seconds(1))
    with pytest.raises(IllegalTransitionError):
        await replay(waiting.id)
    assert await world.get(waiting) == waiting


async def test_an_unknown_id_is_not_found(world: World, replay: ReplayMessage) -> None:
    for text in ("", "no id", world.ids.next(world.clock.now())):
        with pytest.raises(MessageNotFoundError):
            await replay(text)
