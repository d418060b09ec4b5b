from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.one_by_one import SELF_CANCELLED, one_by_one
from postdate.adapters.memory.clock import ManualClock
from postdate.domain.messages.outcome import Delivered, Failed, NotStarted, Outcome
from postdate.testing.contracts.delivery_channel import DeliveryChannelContract, batch_of, outcomes_of
from tests.unit.application.world import let_others_run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from postdate.application.ports.delivery_channel import DeliveryChannel
    from postdate.domain.messages.message import Message


class BlockingDelivery:
    """A delivery function that blocks each message until the test delivers it."""

    def __init__(self) -> None:
        self.begun: list[bytes] = []
        self.ended: list[bytes] = []
        self._outcomes: dict[bytes, asyncio.Future[Outcome]] = {}

    async def __call__(self, message: Message) -> Outcome:
        self.begun.append(message.body)
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._outcomes[message.body] = outcome
        try:
            return await outcome
        finally:
            self.ended.append(message.body)

    def complete(self, *bodies: bytes) -> None:
        for body in bodies:
            self._outcomes[body].set_result(Delivered())


async def deliver(_: Message) -> Outcome:
    return Delivered()


def channel_of(
    function: Callable[[Message], Awaitable[Outcome]] = deliver, concurrency: int = 100
) -> DeliveryChannel:
    return one_by_one(function, concurrency, ManualClock())


@pytest.fixture
def channel() -> DeliveryChannel:
    return channel_of()


class TestOneByOne(DeliveryChannelContract):
    pass


async def test_outcomes_are_yielded_as_soon_as_they_are_known_and_together_if_several_are() -> None:
    delivery = BlockingDelivery()
    async with aclosing(channel_of(delivery).deliver(batch_of(b"1", b"2", b"3"))) as groups:
        first = asyncio.ensure_future(anext(groups))
        await let_others_run()
        assert delivery.begun == [b"1", b"2", b"3"]
        delivery.complete(b"3")
        assert set(await first) == {"2"}
        delivery.complete(b"1", b"2")
        await let_others_run()
        assert set(await anext(groups)) == {"0", "1"}
        assert await anext(groups, None) is None


async def test_an_exception_fails_only_its_own_message() -> None:
    async def fail(message: Message) -> Outcome:
        if message.body == b"2":
            raise RuntimeError("broken")
        return Delivered()

    outcomes = await outcomes_of(channel_of(fail), batch_of(b"1", b"2", b"3"))
    assert outcomes == [Delivered(), Failed(reason="RuntimeError: broken"), Delivered()]


async def test_a_function_that_cancels_itself_fails_only_its_own_message() -> None:
    async def cancel(message: Message) -> Outcome:
        if message.body == b"1":
            raise asyncio.CancelledError
        return Delivered()

    assert await outcomes_of(channel_of(cancel), batch_of(b"1", b"2")) == [SELF_CANCELLED, Delivered()]


async def test_no_more_messages_are_in_flight_than_the_limiter_allows() -> None:
    delivery = BlockingDelivery()
    channel = channel_of(delivery, concurrency=4)
    delivering = asyncio.create_task(outcomes_of(channel, batch_of(b"1", b"2", b"3")))
    await let_others_run()
    assert delivery.begun == [b"1", b"2"]
    delivery.complete(b"1")
    await let_others_run()
    assert delivery.begun == [b"1", b"2", b"3"]
    delivery.complete(b"2", b"3")
    assert await delivering == [Delivered()] * 3


async def test_closing_the_generator_cancels_deliveries_in_flight_and_releases_their_slots() -> None:
    delivery = BlockingDelivery()
    channel = channel_of(delivery, concurrency=2)
    async with aclosing(channel.deliver(batch_of(b"1", b"2"))) as groups:
        waiting = asyncio.ensure_future(anext(groups))
        await let_others_run()
        waiting.cancel()
        await asyncio.wait((waiting,))
    assert (delivery.begun, delivery.ended) == ([b"1"], [b"1"])
    again = asyncio.create_task(outcomes_of(channel, batch_of(b"3")))
    await let_others_run()
    delivery.complete(b"3")
    assert await again == [Delivered()]


async def test_a_message_that_waits_for_a_slot_is_not_started_when_its_owner_stops() -> None:
    delivery, clock, stopping = BlockingDelivery(), ManualClock(), False
    channel = one_by_one(delivery, 2, clock)
    delivering = asyncio.create_task(outcomes_of(channel, batch_of(b"1", b"2", may_start=lambda: not stopping)))
    await let_others_run()
    stopping = True
    delivery.complete(b"1")
    assert await delivering == [Delivered(), NotStarted()]
