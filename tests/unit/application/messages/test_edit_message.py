from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.application.channels import Channels
from postdate.application.events.events import MessageRescheduled
from postdate.application.messages.edit_message import EditMessage, EditRequest
from postdate.domain.errors import (
    IllegalTransitionError,
    InvalidHeaderError,
    InvalidTimeError,
    UnknownChannelError,
)
from postdate.domain.messages.edit import Edit
from postdate.domain.messages.expiry import ExpiresTooEarlyError
from tests.unit.application.world import PARTITION, Desk, seconds

if TYPE_CHECKING:
    from postdate.domain.messages.message import Message
    from tests.unit.application.world import World


@pytest.fixture
def edit(world: World) -> EditMessage:
    channels = Channels({"desk": Desk("desk", world)})
    return EditMessage(world.changes, channels)


async def test_a_waiting_message_gets_a_new_time_and_body(world: World, edit: EditMessage) -> None:
    message, now = await world.add(seconds(60)), world.clock.now()
    wanted = Edit(at=now + seconds(30), body=b"2")
    edited = await edit(message.id, EditRequest(edit=wanted))
    assert edited == message.edited(wanted, now) == await world.get(message)
    assert world.events.events == [MessageRescheduled(edited)]


async def test_an_earlier_time_rings_the_doorbell(world: World, edit: EditMessage) -> None:
    message = await world.add(seconds(60))
    rings: list[None] = []
    async with world.doorbell.listen(PARTITION, lambda: rings.append(None)):
        await edit(message.id, EditRequest(edit=Edit(), after=seconds(61)))
        assert rings == []
        await edit(message.id, EditRequest(edit=Edit(), after=seconds(30)))
    assert rings


async def test_relative_times_count_from_now_and_become_whole_milliseconds(
    world: World, edit: EditMessage
) -> None:
    message = await world.add(seconds(60))
    world.clock.advance(timedelta(microseconds=1_999))
    request = EditRequest(edit=Edit(), after=seconds(30), expires_after=seconds(40))
    edited = await edit(message.id, request)
    now = message.created_at + timedelta(milliseconds=1)
    assert (edited.at, edited.expires_at) == (now + seconds(30), now + seconds(40))


async def test_an_expiry_can_be_set_and_removed(world: World, edit: EditMessage) -> None:
    message = await world.add(seconds(60))
    expires_at = message.at + timedelta(microseconds=1_999)
    edited = await edit(message.id, EditRequest(edit=Edit(expires_at=expires_at)))
    assert edited.expires_at == message.at + timedelta(milliseconds=1)
    edited = await edit(message.id, EditRequest(edit=Edit(expires_at=None)))
    assert edited.expires_at is None


async def test_a_requirement_is_checked_against_the_message_before_the_edit(
    world: World, edit: EditMessage
) -> None:
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
    ("asked", "error"),
    [
        (EditRequest(edit=Edit(to="nowhere")), UnknownChannelError),
        (EditRequest(edit=Edit(), after=timedelta.max), InvalidTimeError),
        (EditRequest(edit=Edit(), expires_after=timedelta.max), InvalidTimeError),
        (EditRequest(edit=Edit(expires_at=datetime(1999, 1, 1, tzinfo=UTC))), ExpiresTooEarlyError),
    ],
    ids=lambda it: getattr(it, "__name__", ""),
)
async def test_an_invalid_edit_is_refused_and_changes_nothing(
    world: World, edit: EditMessage, asked: EditRequest, error: type[Exception]
) -> None:
    message = await world.add(seconds(60))
    with pytest.raises(error):
        await edit(message.id, asked)
    assert await world.get(message) == message


async def test_a_claim_that_came_first_wins(world: World, edit: EditMessage) -> None:
    message = await world.add(seconds(0))
    await world.claims.claim_due(await world.locks.acquire(PARTITION, "a", seconds(2)), 1)
    with pytest.raises(IllegalTransitionError):
        await edit(message.id, EditRequest(edit=Edit(body=b"2")))


async def test_an_invalid_header_is_refused_and_changes_nothing(world: World, edit: EditMessage) -> None:
    message = await world.add(seconds(60))
    with pytest.raises(InvalidHeaderError):
        await edit(message.id, EditRequest(edit=Edit(headers=(("Host", "elsewhere"),))))
    assert await world.get(message) == message
