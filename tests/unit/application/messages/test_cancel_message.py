from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.events.events import MessageCancelled
from postdate.application.messages.cancel_message import CancelMessage
from postdate.application.messages.update_message import MessageUpdater
from postdate.domain.errors import IllegalTransitionError, MessageNotFoundError, StoreUnavailableError
from postdate.domain.messages.status import Status
from tests.faults import FaultInjector
from tests.unit.application.world import PARTITION, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World


async def test_a_waiting_message_is_cancelled_and_never_claimed(world: World) -> None:
    message = await world.add(seconds(1))
    cancelled = await CancelMessage(world.changes)(message.id)
    assert cancelled == message.cancelled(world.clock.now()) == await world.get(message)
    assert world.events.events == [MessageCancelled(cancelled)]
    world.clock.advance(seconds(2))
    lease = await world.locks.acquire(PARTITION, "a", seconds(2))
    assert (await world.claims.claim_due(lease, 10)).messages == []


async def test_cancelling_twice_is_the_same_as_once(world: World) -> None:
    message = await world.add(seconds(1))
    cancel = CancelMessage(world.changes)
    first = await cancel(message.id)
    world.clock.advance(seconds(1))
    assert await cancel(message.id) == first


async def test_a_claim_that_came_first_wins(world: World) -> None:
    message = await world.add(seconds(0))
    await world.claims.claim_due(await world.locks.acquire(PARTITION, "a", seconds(2)), 1)
    with pytest.raises(IllegalTransitionError) as caught:
        await CancelMessage(world.changes)(message.id)
    assert (caught.value.status, caught.value.wanted) == (Status.DELIVERING, Status.CANCELLED)
    assert world.events.events == []
    assert (await world.get(message)).status is Status.DELIVERING


async def test_an_unknown_id_is_not_found(world: World) -> None:
    cancel = CancelMessage(world.changes)
    for text in ("", "no id", world.ids.next(world.clock.now())):
        with pytest.raises(MessageNotFoundError):
            await cancel(text)


async def test_an_unavailable_store_is_reported(world: World) -> None:
    message = await world.add(seconds(1))
    line = FaultInjector(world.clock)
    line.cut = True
    store = line.wrap(world.store)
    updater = MessageUpdater(store, world.ids, world.doorbell, world.clock, world.events)
    with pytest.raises(StoreUnavailableError):
        await CancelMessage(updater)(message.id)
