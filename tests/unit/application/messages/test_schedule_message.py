from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.application.channels import Channels
from postdate.application.events.events import MessagesScheduled
from postdate.application.messages.schedule_message import ScheduleMessage, ScheduleRequest
from postdate.domain.errors import (
    InvalidTimeError,
    StoreFullError,
    StoreUnavailableError,
    UnknownChannelError,
)
from postdate.domain.ids import MessageId
from postdate.domain.messages.content import CONTENT_FIELDS, content_of
from postdate.domain.messages.expiry import ExpiresTooEarlyError
from postdate.domain.messages.message import Message
from postdate.domain.messages.retry import RetryPolicy
from tests.faults import FaultInjector
from tests.unit.application.world import PARTITION, Desk, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World

BODY = b'"hello"'


@dataclass
class Scene:
    """The use case and the adapters around it."""

    world: World
    line: FaultInjector
    events: MemoryEventRecorder
    schedule: ScheduleMessage
    rings: list[None]

    async def stored(self) -> int:
        """Counts the waiting messages by claiming them all."""
        self.world.clock.advance(timedelta(days=365_000))
        lease = await self.world.locks.acquire(PARTITION, "a", seconds(2))
        return len((await self.world.claims.claim_due(lease, 100)).messages)


@pytest.fixture
def scene(world: World) -> Scene:
    line, events = FaultInjector(world.clock), MemoryEventRecorder()
    schedule = ScheduleMessage(
        line.wrap(world.writer),
        # It starts with the same ids as the world's own generator.
        ShortIdGenerator(partitions=1, draw=lambda _: 0),
        Channels({"console": Desk("console", world)}),
        world.doorbell,
        world.clock,
        events,
    )
    return Scene(world, line, events, schedule, [])


async def test_a_message_is_stored_as_it_is_returned(scene: Scene) -> None:
    at = scene.world.clock.now() + seconds(60)
    message = await scene.schedule(ScheduleRequest(body=BODY, at=at, to="console:a"))
    now = scene.world.clock.now()
    assert message == Message(id=message.id, body=BODY, to="console:a", at=at, due_at=at, created_at=now)
    assert await scene.world.store.get(message.id) == message
    assert scene.events.events == [MessagesScheduled((message,))]


async def test_a_message_may_be_due_after_a_while(scene: Scene) -> None:
    message = await scene.schedule(ScheduleRequest(body=BODY, after=seconds(90)))
    assert message.at == message.due_at == scene.world.clock.now() + seconds(90)


async def test_a_message_without_a_time_is_due_now(scene: Scene) -> None:
    message = await scene.schedule(ScheduleRequest(body=BODY))
    assert message.at == message.due_at == message.created_at == scene.world.clock.now()


async def test_a_message_has_the_values_that_its_client_asked_for(scene: Scene) -> None:
    now, retry = scene.world.clock.now(), RetryPolicy(attempts=2)
    asked = ScheduleRequest(
        body=BODY, expires_at=now, retry=retry, labels=("cart-42",), headers=(("X-Cart", "42"),)
    )
    message = await scene.schedule(asked)
    assert (message.expires_at, message.retry) == (now, retry)
    assert (message.labels, message.headers) == (("cart-42",), (("X-Cart", "42"),))


def test_a_message_has_every_field_of_the_content_of_its_request() -> None:
    content: dict[str, Any] = {name: object() for name in CONTENT_FIELDS} | {"headers": (("X-Cart", "42"),)}
    message = ScheduleRequest(**content).to_message(MessageId("m"), datetime.now(UTC))
    assert content_of(message) == content


async def test_a_message_may_expire_after_a_while(scene: Scene) -> None:
    message = await scene.schedule(ScheduleRequest(body=BODY, after=seconds(1), expires_after=seconds(90)))
    assert message.expires_at == scene.world.clock.now() + seconds(90)


async def test_a_message_that_would_expire_before_its_time_is_refused(scene: Scene) -> None:
    with pytest.raises(ExpiresTooEarlyError):
        await scene.schedule(ScheduleRequest(body=BODY, after=seconds(90), expires_after=seconds(89)))
    assert await scene.stored() == 0


async def test_a_past_time_stays_as_it_is_and_is_due_at_once(scene: Scene) -> None:
    past = datetime(1999, 1, 1, tzinfo=UTC)
    message = await scene.schedule(ScheduleRequest(body=BODY, at=past))
    assert message.at == message.due_at == past


async def test_times_are_whole_milliseconds_in_utc(scene: Scene) -> None:
    scene.world.clock.advance(timedelta(microseconds=1234))
    at = datetime(2026, 6, 1, 12, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=2)))
    by_time = await scene.schedule(ScheduleRequest(body=BODY, at=at))
    assert by_time.due_at.isoformat() == "2026-06-01T10:00:00.123000+00:00"
    assert by_time.created_at.microsecond == 1000
    by_wait = await scene.schedule(ScheduleRequest(body=BODY, after=timedelta(microseconds=5678)))
    assert by_wait.due_at.microsecond == 6000


@pytest.mark.parametrize(
    "asked",
    [
        ScheduleRequest(body=BODY, after=timedelta(days=999_999_999)),
        ScheduleRequest(body=BODY, at=datetime(9999, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-1)))),
        ScheduleRequest(body=BODY, at=datetime(1, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))),
    ],
    ids=["after", "at, in UTC", "before the year 1"],
)
async def test_a_time_outside_the_years_1_to_9999_is_refused(scene: Scene, asked: ScheduleRequest) -> None:
    with pytest.raises(InvalidTimeError):
        await scene.schedule(asked)
    assert scene.line.calls == []


async def test_an_unknown_channel_is_refused_before_anything_is_stored(scene: Scene) -> None:
    with pytest.raises(UnknownChannelError):
        await scene.schedule(ScheduleRequest(body=BODY, to="fax:1"))
    assert scene.line.calls == []
    assert scene.events.events == []


async def test_a_message_whose_id_is_taken_is_stored_once_under_another_id(scene: Scene) -> None:
    taken = [await scene.world.add(seconds(60)) for _ in range(3)]
    message = await scene.schedule(ScheduleRequest(body=BODY, after=seconds(1)))
    assert message.id not in {other.id for other in taken}
    assert await scene.world.store.get(message.id) == message
    assert scene.line.calls == ["add"] * 4
    assert [await scene.world.get(other) for other in taken] == taken
    assert await scene.stored() == 4


async def test_the_doorbell_rings_only_for_a_message_that_is_due_first(scene: Scene) -> None:
    async with scene.world.doorbell.listen(PARTITION, lambda: scene.rings.append(None)):
        await scene.schedule(ScheduleRequest(body=BODY, after=seconds(60)))
        assert len(scene.rings) == 1
        await scene.schedule(ScheduleRequest(body=BODY, after=seconds(60)))
        await scene.schedule(ScheduleRequest(body=BODY, after=seconds(61)))
        assert len(scene.rings) == 1
        await scene.schedule(ScheduleRequest(body=BODY, after=seconds(59)))
        assert len(scene.rings) == 2


async def test_the_doorbell_rings_once_even_after_an_id_was_taken(scene: Scene) -> None:
    await scene.world.add(seconds(60))
    async with scene.world.doorbell.listen(PARTITION, lambda: scene.rings.append(None)):
        await scene.schedule(ScheduleRequest(body=BODY, after=seconds(1)))
    assert len(scene.rings) == 1


@pytest.mark.parametrize("error", [StoreUnavailableError("away"), StoreFullError("full")])
async def test_an_error_of_the_store_is_raised(scene: Scene, error: Exception) -> None:
    scene.line.faults["add"].append(error)
    async with scene.world.doorbell.listen(PARTITION, lambda: scene.rings.append(None)):
        with pytest.raises(type(error)):
            await scene.schedule(ScheduleRequest(body=BODY))
    assert scene.events.events == []
    assert scene.rings == []
