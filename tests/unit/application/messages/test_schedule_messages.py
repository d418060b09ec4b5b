from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.application.channels import Channels
from postdate.application.events.events import MessagesScheduled
from postdate.application.messages.schedule_message import ScheduleMessage, ScheduleRequest
from postdate.application.messages.schedule_messages import AcceptedRequest, ScheduleMessages
from postdate.domain.errors import KeyReusedError, StoreFullError, StoreUnavailableError, UnknownChannelError
from postdate.domain.messages.request_key import RequestKey
from tests.faults import FaultInjector
from tests.unit.application.world import PARTITION, Desk, seconds

if TYPE_CHECKING:
    from tests.unit.application.world import World

KEY = RequestKey(key="k", fingerprint=b"fingerprint 0001")
REQUEST = ScheduleRequest(body=b"1", after=seconds(1))


@dataclass
class Scene:
    line: FaultInjector
    events: MemoryEventRecorder
    schedule: ScheduleMessages


def scene_of(world: World, partitions: int = 1) -> Scene:
    line, events = FaultInjector(world.clock), MemoryEventRecorder()
    store, writer = line.wrap(world.store), line.wrap(world.writer)
    # It starts with the same ids as the world's own generator.
    ids = ShortIdGenerator(partitions, draw=lambda _: 0)
    channels = Channels({"console": Desk("console", world)})
    one = ScheduleMessage(writer, ids, channels, world.doorbell, world.clock, events)
    many = ScheduleMessages(one, store, writer, ids, channels, world.doorbell, world.clock, events)
    return Scene(line, events, many)


@pytest.fixture
def scene(world: World) -> Scene:
    return scene_of(world)


async def test_each_request_has_its_outcome_in_order(scene: Scene) -> None:
    lost = ScheduleRequest(body=b"1", to="carrier:pigeon")
    other = RequestKey(key="k", fingerprint=b"fingerprint 0002")
    first, refused, keyed, again, reused = await scene.schedule(
        [REQUEST, lost, REQUEST, REQUEST, REQUEST], {2: KEY, 3: KEY, 4: other}
    )
    assert isinstance(first, AcceptedRequest)
    assert isinstance(refused, UnknownChannelError)
    assert isinstance(keyed, AcceptedRequest)
    assert again == AcceptedRequest(message_id=keyed.message_id, repeated=True)
    assert isinstance(reused, KeyReusedError)
    recorded = [message.id for event in scene.events.of(MessagesScheduled) for message in event.messages]
    assert sorted(recorded) == sorted([first.message_id, keyed.message_id])


async def test_a_keyed_message_whose_id_is_taken_gets_another_id(world: World, scene: Scene) -> None:
    rival = scene_of(world).schedule
    (taken,) = await rival([REQUEST], {0: RequestKey(key="other", fingerprint=KEY.fingerprint)})
    message, repeated = await scene.schedule.schedule_once(REQUEST, KEY)
    assert isinstance(taken, AcceptedRequest)
    assert (message.id != taken.message_id, repeated) == (True, False)


async def test_keyed_messages_are_in_partition_0_however_many_partitions_there_are(world: World) -> None:
    schedule = scene_of(world, partitions=7).schedule
    keys = {index: RequestKey(key=str(index), fingerprint=KEY.fingerprint) for index in range(20)}
    outcomes = await schedule([REQUEST] * 20, keys)
    ids = {outcome.message_id for outcome in outcomes if isinstance(outcome, AcceptedRequest)}
    assert len(ids) == 20
    assert {world.ids.partition_of(message_id) for message_id in ids} == {PARTITION}


@pytest.mark.parametrize(("call", "refused"), [("add", [True, False]), ("add_keyed", [False, True])])
@pytest.mark.parametrize("error", [StoreUnavailableError("gone"), StoreFullError("full")])
async def test_an_error_of_the_store_is_the_outcome_of_the_requests_that_it_concerns(
    scene: Scene, error: Exception, call: str, refused: list[bool]
) -> None:
    scene.line.faults[call] = [error]
    outcomes = await scene.schedule([REQUEST, REQUEST], {1: KEY})
    assert [outcome is error for outcome in outcomes] == refused


async def test_a_repeated_request_rings_the_doorbell_once(world: World, scene: Scene) -> None:
    rings: list[None] = []
    async with world.doorbell.listen(PARTITION, lambda: rings.append(None)):
        for _ in range(2):
            await scene.schedule.schedule_once(REQUEST, KEY)
    assert len(rings) == 1
