from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.store_place import PlaceChannel
from postdate.adapters.memory.places import MemoryPlaces
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.application.ports.delivery_channel import Batch
from postdate.domain.errors import InvalidDestinationError, StoreUnavailableError
from postdate.domain.outcome import Delivered, Failed, NotStarted, Outcome
from postdate.domain.place import place_of
from postdate.testing.contracts.delivery_channel import MESSAGE, NOW, outcomes_of

if TYPE_CHECKING:
    from postdate.domain.message import Message

IDS = ShortIdGenerator(1)


class PlacesAway(MemoryPlaces):
    """Does not answer."""

    async def fault_of(self, *_: object) -> str | None:
        raise StoreUnavailableError("refused")


def to(destination: str) -> Message:
    return replace(MESSAGE, id=IDS.next(NOW), to=destination)


async def outcome_of(destination: str, places: MemoryPlaces) -> list[Outcome]:
    channel = PlaceChannel(places, IDS)
    return await outcomes_of(channel, Batch(messages=[to(destination)], may_start=lambda: True))


async def test_what_fits_is_delivered_by_its_settlement() -> None:
    for destination in ("stream:x", "list:y", "pubsub:x"):
        detail = destination.replace(":", " ")
        assert await outcome_of(destination, MemoryPlaces()) == [Delivered(detail=detail)]


async def test_a_key_of_another_type_is_a_failure_that_may_pass() -> None:
    places = MemoryPlaces()
    place = place_of("stream:x")
    assert place is not None
    places.put(place, to("stream:x"))
    assert await outcome_of("list:x", places) == [Failed(reason="the key holds a stream, not a list")]


async def test_a_store_that_is_away_is_a_failure_that_may_pass() -> None:
    assert await outcome_of("list:x", PlacesAway()) == [Failed(reason="the store is unavailable: refused")]


async def test_a_destination_that_names_no_place_is_a_failure_for_good() -> None:
    (outcome,) = await outcome_of("stream:", MemoryPlaces())
    assert isinstance(outcome, Failed)
    assert outcome.permanent


async def test_nothing_is_begun_that_may_not_start() -> None:
    channel = PlaceChannel(MemoryPlaces(), IDS)
    batch = Batch(messages=[to("stream:x"), to("list:y")], may_start=lambda: False)
    assert await outcomes_of(channel, batch) == [NotStarted()] * 2


async def test_what_names_no_place_is_refused_at_scheduling() -> None:
    channel = PlaceChannel(MemoryPlaces(), IDS)
    await channel.check("stream:x")
    with pytest.raises(InvalidDestinationError):
        await channel.check("stream:")
