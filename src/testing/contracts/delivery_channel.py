"""The contract of a delivery channel, as a test class."""

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
    """Returns a batch of messages with these bodies. Their ids are "0", "1" and so on."""
    messages = [replace(MESSAGE, id=MessageId(str(n)), body=body, to=to) for n, body in enumerate(bodies)]
    return Batch(messages=messages, may_start=may_start)


async def outcomes_of(channel: DeliveryChannel, batch: Batch) -> list[Outcome]:
    """Delivers a batch and returns one outcome for each message, in the order of the batch."""
    outcomes: dict[MessageId, Outcome] = {}
    async for group in channel.deliver(batch):
        assert not outcomes.keys() & group.keys(), "a message is in two groups"
        outcomes.update(group)
    assert outcomes.keys() == {message.id for message in batch.messages}
    return [outcomes[message.id] for message in batch.messages]


@pytest.mark.anyio
class DeliveryChannelContract:
    """The tests that every channel must pass.

    Provide a fixture `channel: DeliveryChannel` that delivers all messages that may start, in the order of the
    batch. Override the fixture `to` if the channel checks destinations, and the fixture `body` if it does not
    accept all JSON.
    """

    @pytest.fixture
    def anyio_backend(self) -> str:
        """Postdate supports asyncio only."""
        return "asyncio"

    @pytest.fixture
    def to(self) -> str:
        """Returns a destination that the channel delivers to."""
        return "console"

    @pytest.fixture
    def body(self) -> bytes:
        """Returns a body that the channel delivers: JSON text."""
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

    async def test_a_delivery_that_may_not_start_is_not_started(
        self, channel: DeliveryChannel, to: str, body: bytes
    ) -> None:
        batch = batch_of(body, body, may_start=lambda: False, to=to)
        assert await outcomes_of(channel, batch) == [NotStarted()] * 2

    async def test_no_delivery_starts_once_deliveries_may_not_start_any_more(
        self, channel: DeliveryChannel, to: str, body: bytes
    ) -> None:
        results = chain([True, True], repeat(False))  # noqa: FBT003  # the results of `may_start`
        batch = batch_of(body, body, body, body, may_start=lambda: next(results), to=to)
        outcomes = await outcomes_of(channel, batch)
        assert _kinds(outcomes) == [Delivered, Delivered, NotStarted, NotStarted]


def _kinds(outcomes: list[Outcome]) -> list[type[Outcome]]:
    """Returns the type of each outcome. If there is a failure, the assertion shows its reason."""
    assert not [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    return [type(outcome) for outcome in outcomes]
