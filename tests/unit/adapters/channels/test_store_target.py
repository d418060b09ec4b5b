from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.store_target import StoreTargetChannel
from postdate.adapters.memory.store_targets import MemoryStoreTargets
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.application.ports.delivery_channel import Batch
from postdate.domain.errors import InvalidDestinationError, StoreUnavailableError
from postdate.domain.messages.outcome import Delivered, Failed, NotStarted, Outcome
from postdate.domain.messages.store_target import store_target_of
from postdate.testing.contracts.delivery_channel import MESSAGE, NOW, outcomes_of

if TYPE_CHECKING:
    from postdate.domain.messages.message import Message

IDS = ShortIdGenerator(1)


class PlacesAway(MemoryStoreTargets):
    """Does not answer."""

    async def error_of(self, *_: object) -> str | None:
        raise StoreUnavailableError("refused")


def to(destination: str) -> Message:
    return replace(MESSAGE, id=IDS.next(NOW), to=destination)


async def outcome_of(destination: str, store_targets: MemoryStoreTargets) -> list[Outcome]:
    channel = StoreTargetChannel(store_targets, IDS)
    return await outcomes_of(channel, Batch(messages=[to(destination)], may_start=lambda: True))


async def test_what_fits_is_delivered_by_its_settlement() -> None:
    for destination in ("stream:x", "list:y", "pubsub:x"):
        detail = destination.replace(":", " ")
        assert await outcome_of(destination, MemoryStoreTargets()) == [Delivered(detail=detail)]


async def test_a_key_of_another_type_is_a_failure_that_may_pass() -> None:
    store_targets = MemoryStoreTargets()
    place = store_target_of("stream:x")
    assert place is not None
    store_targets.publish(place, to("stream:x"))
    assert await outcome_of("list:x", store_targets) == [Failed(reason="the key holds a stream, not a list")]


async def test_a_store_that_is_away_is_a_failure_that_may_pass() -> None:
    assert await outcome_of("list:x", PlacesAway()) == [Failed(reason="the store is unavailable: refused")]


async def test_a_destination_that_names_no_place_is_a_failure_for_good() -> None:
    (outcome,) = await outcome_of("stream:", MemoryStoreTargets())
    assert isinstance(outcome, Failed)
    assert outcome.permanent


async def test_nothing_is_begun_that_may_not_start() -> None:
    channel = StoreTargetChannel(MemoryStoreTargets(), IDS)
    batch = Batch(messages=[to("stream:x"), to("list:y")], may_start=lambda: False)
    assert await outcomes_of(channel, batch) == [NotStarted()] * 2


async def test_what_names_no_place_is_refused_at_scheduling() -> None:
    channel = StoreTargetChannel(MemoryStoreTargets(), IDS)
    await channel.check("stream:x")
    with pytest.raises(InvalidDestinationError):
        await channel.check("stream:")
