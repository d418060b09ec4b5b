from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.one_by_one import CANCELLED_ITSELF, one_by_one
from postdate.adapters.memory.clock import ManualClock
from postdate.domain.messages.outcome import Delivered, Failed, NotStarted, Outcome
from postdate.testing.contracts.delivery_channel import DeliveryChannelContract, batch_of, outcomes_of
from tests.unit.application.world import let_others_run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from postdate.application.ports.delivery_channel import DeliveryChannel
    from postdate.domain.messages.message import Message


class Receiver:
    """Takes messages, and lets them wait until a test lets them go."""

    def __init__(self) -> None:
        self.begun: list[bytes] = []
        self.ended: list[bytes] = []
        self._held: dict[bytes, asyncio.Future[Outcome]] = {}

    async def __call__(self, message: Message) -> Outcome:
        self.begun.append(message.body)
        held: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._held[message.body] = held
        try:
            return await held
        finally:
            self.ended.append(message.body)

    def answer(self, *bodies: bytes) -> None:
        for body in bodies:
            self._held[body].set_result(Delivered())


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


async def test_outcomes_come_as_they_come_and_together_what_ends_together() -> None:
    receiver = Receiver()
    async with aclosing(channel_of(receiver).deliver(batch_of(b"1", b"2", b"3"))) as ended:
        first = asyncio.ensure_future(anext(ended))
        await let_others_run()
        assert receiver.begun == [b"1", b"2", b"3"]
        receiver.answer(b"3")
        assert set(await first) == {"2"}
        receiver.answer(b"1", b"2")
        await let_others_run()
        assert set(await anext(ended)) == {"0", "1"}
        assert await anext(ended, None) is None


async def test_what_the_function_raises_fails_one_message() -> None:
    async def fail(message: Message) -> Outcome:
        if message.body == b"2":
            raise RuntimeError("broken")
        return Delivered()

    outcomes = await outcomes_of(channel_of(fail), batch_of(b"1", b"2", b"3"))
    assert outcomes == [Delivered(), Failed(reason="RuntimeError: broken"), Delivered()]


async def test_a_function_that_cancels_itself_fails_one_message() -> None:
    async def cancel(message: Message) -> Outcome:
        if message.body == b"1":
            raise asyncio.CancelledError
        return Delivered()

    assert await outcomes_of(channel_of(cancel), batch_of(b"1", b"2")) == [CANCELLED_ITSELF, Delivered()]


async def test_no_more_are_under_way_than_there_are_places() -> None:
    receiver = Receiver()
    channel = channel_of(receiver, concurrency=4)
    delivering = asyncio.create_task(outcomes_of(channel, batch_of(b"1", b"2", b"3")))
    await let_others_run()
    assert receiver.begun == [b"1", b"2"]
    receiver.answer(b"1")
    await let_others_run()
    assert receiver.begun == [b"1", b"2", b"3"]
    receiver.answer(b"2", b"3")
    assert await delivering == [Delivered()] * 3


async def test_who_stops_listening_ends_what_is_under_way_and_frees_the_places() -> None:
    receiver = Receiver()
    channel = channel_of(receiver, concurrency=2)
    async with aclosing(channel.deliver(batch_of(b"1", b"2"))) as ended:
        waiting = asyncio.ensure_future(anext(ended))
        await let_others_run()
        waiting.cancel()
        await asyncio.wait((waiting,))
    assert (receiver.begun, receiver.ended) == ([b"1"], [b"1"])
    again = asyncio.create_task(outcomes_of(channel, batch_of(b"3")))
    await let_others_run()
    receiver.answer(b"3")
    assert await again == [Delivered()]


async def test_what_waits_for_a_place_is_given_back_when_its_owner_stops() -> None:
    receiver, clock, stopping = Receiver(), ManualClock(), False
    channel = one_by_one(receiver, 2, clock)
    delivering = asyncio.create_task(outcomes_of(channel, batch_of(b"1", b"2", may_start=lambda: not stopping)))
    await let_others_run()
    stopping = True
    receiver.answer(b"1")
    assert await delivering == [Delivered(), NotStarted()]
