"""What a delivery channel promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING

import pytest

from ...application.ports.delivery_channel import Batch
from ...domain.ids import MessageId
from ...domain.messages.history import Claim
from ...domain.messages.message import Message
from ...domain.messages.outcome import Delivered, Failed, NotStarted

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...application.ports.delivery_channel import DeliveryChannel
    from ...domain.messages.outcome import Outcome

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MESSAGE = Message(id=MessageId("0"), body=b'"a"', to="console", at=NOW, due_at=NOW, created_at=NOW).claimed(
    Claim(at=NOW, instance="one")
)


def batch_of(*bodies: bytes, may_start: Callable[[], bool] = lambda: True, to: str = "console") -> Batch:
    """Returns a batch of messages with these bodies, whose ids are "0", "1" and so on."""
    messages = [replace(MESSAGE, id=MessageId(str(n)), body=body, to=to) for n, body in enumerate(bodies)]
    return Batch(messages=messages, may_start=may_start)


async def outcomes_of(channel: DeliveryChannel, batch: Batch) -> list[Outcome]:
    """Delivers a batch and returns the outcomes in the order of its messages; each message has exactly one."""
    ended: dict[MessageId, Outcome] = {}
    async for group in channel.deliver(batch):
        assert not ended.keys() & group.keys(), "a message is in two groups"
        ended.update(group)
    assert ended.keys() == {message.id for message in batch.messages}
    return [ended[message.id] for message in batch.messages]


@pytest.mark.anyio
class DeliveryChannelContract:
    """Wants a fixture `channel: DeliveryChannel` that delivers whatever it may begin, in order of the batch.

    Override the fixture `to` for a channel that looks at the destination, and `body` for one that does not take
    every JSON.
    """

    @pytest.fixture
    def anyio_backend(self) -> str:
        """Postdate is written for asyncio alone."""
        return "asyncio"

    @pytest.fixture
    def to(self) -> str:
        """A destination that the channel delivers to."""
        return "console"

    @pytest.fixture
    def body(self) -> bytes:
        """A body that the channel delivers: JSON text."""
        return b'"a"'

    async def test_every_message_has_one_outcome(self, channel: DeliveryChannel, to: str, body: bytes) -> None:
        assert _kinds(await outcomes_of(channel, batch_of(body, body, body, to=to))) == [Delivered] * 3

    async def test_an_empty_batch_has_no_outcome(self, channel: DeliveryChannel) -> None:
        assert await outcomes_of(channel, batch_of()) == []

    async def test_a_channel_delivers_batch_after_batch(
        self, channel: DeliveryChannel, to: str, body: bytes
    ) -> None:
        for _ in range(3):
            assert _kinds(await outcomes_of(channel, batch_of(body, to=to))) == [Delivered]

    async def test_nothing_is_begun_that_may_not_start(
        self, channel: DeliveryChannel, to: str, body: bytes
    ) -> None:
        batch = batch_of(body, body, may_start=lambda: False, to=to)
        assert await outcomes_of(channel, batch) == [NotStarted()] * 2

    async def test_nothing_is_begun_from_the_moment_it_may_not(
        self, channel: DeliveryChannel, to: str, body: bytes
    ) -> None:
        answers = chain([True, True], repeat(False))  # noqa: FBT003  # what `may_start` says
        batch = batch_of(body, body, body, body, may_start=lambda: next(answers), to=to)
        outcomes = await outcomes_of(channel, batch)
        assert _kinds(outcomes) == [Delivered, Delivered, NotStarted, NotStarted]


def _kinds(outcomes: list[Outcome]) -> list[type[Outcome]]:
    """Returns what came of each; a failure is shown, since its reason is what one needs to know."""
    assert not [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    return [type(outcome) for outcome in outcomes]
