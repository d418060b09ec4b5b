"""What a delivery channel promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

from postdate.application.ports.delivery_channel import Batch
from postdate.domain.history import Claim
from postdate.domain.message import Message, MessageId
from postdate.domain.outcome import Delivered, NotStarted, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from postdate.application.ports.delivery_channel import DeliveryChannel

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MESSAGE = Message(id=MessageId("0"), body=b'"a"', to="console", at=NOW, due_at=NOW, created_at=NOW).claimed(
    Claim(at=NOW, instance="one")
)


def batch_of(*bodies: bytes, may_start: Callable[[], bool] = lambda: True) -> Batch:
    messages = [replace(MESSAGE, id=MessageId(str(n)), body=body) for n, body in enumerate(bodies)]
    return Batch(messages=messages, may_start=may_start)


async def outcomes_of(channel: DeliveryChannel, batch: Batch) -> list[Outcome]:
    """Delivers a batch and returns the outcomes in the order of its messages; each message has exactly one."""
    ended: dict[MessageId, Outcome] = {}
    async for group in channel.deliver(batch):
        assert not ended.keys() & group.keys()
        ended.update(group)
    assert ended.keys() == {message.id for message in batch.messages}
    return [ended[message.id] for message in batch.messages]


class DeliveryChannelContract:
    """Wants a fixture `channel: DeliveryChannel` that delivers whatever it may begin, one after the other."""

    async def test_every_message_has_one_outcome(self, channel: DeliveryChannel) -> None:
        assert await outcomes_of(channel, batch_of(b'"a"', b'"b"', b'"c"')) == [Delivered()] * 3

    async def test_an_empty_batch_has_no_outcome(self, channel: DeliveryChannel) -> None:
        assert await outcomes_of(channel, batch_of()) == []

    async def test_a_channel_delivers_batch_after_batch(self, channel: DeliveryChannel) -> None:
        for _ in range(3):
            assert await outcomes_of(channel, batch_of(b"1")) == [Delivered()]

    async def test_nothing_is_begun_that_may_not_start(self, channel: DeliveryChannel) -> None:
        assert await outcomes_of(channel, batch_of(b"1", b"2", may_start=lambda: False)) == [NotStarted()] * 2

    async def test_nothing_is_begun_from_the_moment_it_may_not(self, channel: DeliveryChannel) -> None:
        asked = count(1)
        batch = batch_of(b"1", b"2", b"3", b"4", may_start=lambda: next(asked) <= 2)
        assert await outcomes_of(channel, batch) == [Delivered(), Delivered(), NotStarted(), NotStarted()]
