from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.store_target_channel import StoreTargetChannel
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


class UnavailableStoreTargets(MemoryStoreTargets):
    """The store targets of a store that does not answer."""

    async def error_of(self, *_: object) -> str | None:
        raise StoreUnavailableError("refused")


def message_to(destination: str) -> Message:
    return replace(MESSAGE, id=IDS.next(NOW), to=destination)


async def outcomes_for(destination: str, store_targets: MemoryStoreTargets) -> list[Outcome]:
    channel = StoreTargetChannel(store_targets, IDS)
    return await outcomes_of(channel, Batch(messages=[message_to(destination)], may_start=lambda: True))


async def test_the_outcome_of_a_valid_message_names_its_key() -> None:
    for destination in ("stream:x", "list:y", "pubsub:x"):
        detail = destination.replace(":", " ")
        assert await outcomes_for(destination, MemoryStoreTargets()) == [Delivered(detail=detail)]


async def test_a_key_of_another_type_is_a_temporary_failure() -> None:
    store_targets = MemoryStoreTargets()
    target = store_target_of("stream:x")
    assert target is not None
    store_targets.publish(target, message_to("stream:x"))
    assert await outcomes_for("list:x", store_targets) == [Failed(reason="the key holds a stream, not a list")]


async def test_an_unavailable_store_is_a_temporary_failure() -> None:
    assert await outcomes_for("list:x", UnavailableStoreTargets()) == [
        Failed(reason="the store is unavailable: refused")
    ]


async def test_a_destination_that_names_no_store_target_is_a_permanent_failure() -> None:
    (outcome,) = await outcomes_for("stream:", MemoryStoreTargets())
    assert isinstance(outcome, Failed)
    assert outcome.permanent


async def test_a_delivery_that_may_not_start_is_not_started() -> None:
    channel = StoreTargetChannel(MemoryStoreTargets(), IDS)
    batch = Batch(messages=[message_to("stream:x"), message_to("list:y")], may_start=lambda: False)
    assert await outcomes_of(channel, batch) == [NotStarted()] * 2


async def test_a_destination_that_names_no_store_target_is_refused_at_scheduling() -> None:
    channel = StoreTargetChannel(MemoryStoreTargets(), IDS)
    await channel.check("stream:x")
    with pytest.raises(InvalidDestinationError):
        await channel.check("stream:")


PLACES = ("stream:orders-*", "list:jobs", "pubsub:*")


@pytest.mark.parametrize("to", ["stream:orders-eu", "stream:orders-eu?maxlen=5", "list:jobs", "pubsub:any:thing"])
async def test_a_store_target_that_a_pattern_allows_is_accepted_and_delivered_to(to: str) -> None:
    channel = StoreTargetChannel(MemoryStoreTargets(), IDS, PLACES)
    await channel.check(to)
    (outcome,) = await outcomes_of(channel, Batch(messages=[message_to(to)], may_start=lambda: True))
    assert isinstance(outcome, Delivered)


@pytest.mark.parametrize("to", ["stream:order", "list:orders-eu", "list:jobs2", "stream:ORDERS-EU", "list:celery"])
async def test_a_store_target_that_no_pattern_allows_is_refused_at_scheduling_and_at_delivery(to: str) -> None:
    channel = StoreTargetChannel(MemoryStoreTargets(), IDS, PLACES)
    with pytest.raises(InvalidDestinationError, match=r"may not be written to; allowed are: stream:orders-\*"):
        await channel.check(to)
    (outcome,) = await outcomes_of(channel, Batch(messages=[message_to(to)], may_start=lambda: True))
    assert isinstance(outcome, Failed)
    assert "may not be written to" in outcome.reason
    assert not outcome.permanent


@pytest.mark.parametrize("to", ["stream:postdate:{default:0}:messages", "pubsub:postdate:x"])
async def test_the_names_of_postdate_are_refused_whatever_is_allowed(to: str) -> None:
    for places in ((), ("stream:*", "pubsub:*")):
        with pytest.raises(InvalidDestinationError, match="reserved"):
            await StoreTargetChannel(MemoryStoreTargets(), IDS, places).check(to)
