from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.application.channels import Channels
from postdate.application.events.events import MessageRescheduled
from postdate.application.messages.edit_message import EditMessage, EditRequest
from postdate.domain.errors import (
    ExpiresTooEarlyError,
    IllegalTransitionError,
    InvalidHeaderError,
    InvalidTimeError,
    UnknownChannelError,
)
from postdate.domain.messages.edit import Edit
from tests.unit.application.world import PARTITION, Desk, seconds

if TYPE_CHECKING:
    from postdate.domain.messages.message import Message
    from tests.unit.application.world import World


@pytest.fixture
def edit(world: World) -> EditMessage:
    channels = Channels({"desk": Desk("desk", world)})
    return EditMessage(world.changes, channels)


async def test_a_message_that_waits_gets_another_time_and_body(world: World, edit: EditMessage) -> None:
    message, now = await world.add(seconds(60)), world.clock.now()
    wanted = Edit(at=now + seconds(30), body=b"2")
    edited = await edit(message.id, EditRequest(edit=wanted))
    assert edited == message.edited(wanted, now) == await world.get(message)
    assert world.events.events == [MessageRescheduled(edited)]


async def test_an_earlier_time_rings(world: World, edit: EditMessage) -> None:
    message = await world.add(seconds(60))
    rings: list[None] = []
    async with world.doorbell.listen(PARTITION, lambda: rings.append(None)):
        await edit(message.id, EditRequest(edit=Edit(), after=seconds(61)))
        assert rings == []
        await edit(message.id, EditRequest(edit=Edit(), after=seconds(30)))
    assert rings


async def test_times_may_be_a_while_from_now_and_are_whole_milliseconds(world: World, edit: EditMessage) -> None:
    message = await world.add(seconds(60))
    world.clock.advance(timedelta(microseconds=1_999))
    request = EditRequest(edit=Edit(), after=seconds(30), expires_after=seconds(40))
    edited = await edit(message.id, request)
    now = message.created_at + timedelta(milliseconds=1)
    assert (edited.at, edited.expires_at) == (now + seconds(30), now + seconds(40))


async def test_an_expiry_may_be_set_and_taken_away(world: World, edit: EditMessage) -> None:
    message = await world.add(seconds(60))
    expires_at = message.at + timedelta(microseconds=1_999)
    edited = await edit(message.id, EditRequest(edit=Edit(expires_at=expires_at)))
    assert edited.expires_at == message.at + timedelta(milliseconds=1)
    edited = await edit(message.id, EditRequest(edit=Edit(expires_at=None)))
    assert edited.expires_at is None


async def test_what_the_client_requires_is_asked_of_the_message_as_it_is(world: World, edit: EditMessage) -> None:
    message = await world.add(seconds(60))
    seen: list[Message] = []

    def refuse(found: Message) -> None:
        seen.append(found)
        raise LookupError

    with pytest.raises(LookupError):
        await edit(message.id, EditRequest(edit=Edit(body=b"2"), require=refuse))
    assert seen == [message]
    assert await world.get(message) == message


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (EditRequest(edit=Edit(to="nowhere")), UnknownChannelError),
        (EditRequest(edit=Edit(), after=timedelta.max), InvalidTimeError),
        (EditRequest(edit=Edit(), expires_after=timedelta.max), InvalidTimeError),
        (EditRequest(edit=Edit(expires_at=datetime(1999, 1, 1, tzinfo=UTC))), ExpiresTooEarlyError),
    ],
    ids=lambda it: getattr(it, "__name__", ""),
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    world: World, edit: EditMessage, request_: EditRequest, error: type[Exception]
) -> None:
    message = await world.add(seconds(60))
    with pytest.raises(error):
        await edit(message.id, request_)
    assert await world.get(message) == message


async def test_a_claim_that_came_first_wins(world: World, edit: EditMessage) -> None:
    message = await world.add(seconds(0))
    await world.claims.claim_due(await world.locks.acquire(PARTITION, "a", seconds(2)), 1)
    with pytest.raises(IllegalTransitionError):
        await edit(message.id, EditRequest(edit=Edit(body=b"2")))


async def test_headers_that_may_not_be_sent_are_refused(world: World, edit: EditMessage) -> None:
    message = await world.add(seconds(60))
    with pytest.raises(InvalidHeaderError):
        await edit(message.id, EditRequest(edit=Edit(headers=(("Host", "elsewhere"),))))
    assert await world.get(message) == message
