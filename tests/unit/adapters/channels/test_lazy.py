from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.channels.lazy import LazyChannel
from postdate.adapters.memory.clock import ManualClock
from postdate.application.ports.channel_factory import ChannelContext
from postdate.domain.errors import InvalidDestinationError
from postdate.domain.messages.outcome import Delivered, Failed, NotStarted
from postdate.testing.contracts.delivery_channel import DeliveryChannelContract, batch_of, outcomes_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from postdate.application.ports.delivery_channel import Batch
    from postdate.domain.ids import MessageId
    from postdate.domain.messages.outcome import Outcome

CONTEXT = ChannelContext(scheme="fax", environment={"POSTDATE_FAX": "1", "EMPTY": ""}, clock=ManualClock())


class Fax:
    def __init__(self, context: ChannelContext) -> None:
        context.setting("POSTDATE_FAX")
        self.is_open = True

    async def check(self, to: str) -> None:
        if to == "fax:":
            raise InvalidDestinationError("has no number")

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        assert self.is_open
        yield {it.id: Delivered() if batch.may_start() else NotStarted() for it in batch.messages}

    async def aclose(self) -> None:
        self.is_open = False


class Loads:
    """What a loader gives, one after the other; an error is raised."""

    def __init__(self, *given: object) -> None:
        self._given = list(given)
        self.count = 0

    def __call__(self) -> Callable[[ChannelContext], Any]:
        self.count += 1
        given = self._given.pop(0)
        if isinstance(given, BaseException):
            raise given
        return given  # type: ignore[return-value]  # that it is none is what some tests are about


@pytest.fixture
def channel() -> LazyChannel:
    return LazyChannel("a test", lambda: Fax, CONTEXT)


class TestLazyChannel(DeliveryChannelContract):
    pass


async def test_nothing_is_loaded_before_the_first_message_and_nothing_twice() -> None:
    loads = Loads(Fax)
    channel = LazyChannel("a test", loads, CONTEXT)
    assert loads.count == 0
    await asyncio.gather(channel.check("fax:1"), channel.check("fax:2"), outcomes_of(channel, batch_of(b"1")))
    assert loads.count == 1


async def test_it_refuses_what_its_channel_refuses(channel: LazyChannel) -> None:
    await channel.check("fax:1")
    with pytest.raises(InvalidDestinationError, match="has no number"):
        await channel.check("fax:")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            ImportError("no module fax at http://user:secret@host/"),
            "ImportError: no module fax at http://***@host/",
        ),
        (SystemExit(3), "SystemExit: 3"),
        (dict, "TypeError: "),
        (lambda _: object(), "TypeError: a object has no method deliver"),
        ("no factory", "TypeError: 'str' object is not callable"),
        (lambda context: context.setting("EMPTY"), "EMPTY is not set, and fax: needs it"),
    ],
    ids=["no import", "it exits", "no context", "no channel", "no factory", "a setting is missing"],
)
async def test_a_channel_that_cannot_be_made_fails_its_messages_with_the_reason(
    given: object, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    channel = LazyChannel("postdate-fax", Loads(given, given, given), CONTEXT)
    with pytest.raises(InvalidDestinationError) as refusal:
        await channel.check("fax:1")
    assert f"postdate-fax provides no channel: {reason}" in str(refusal.value)
    outcomes = await outcomes_of(channel, batch_of(b"1", b"2"))
    assert [type(outcome) for outcome in outcomes] == [Failed, Failed]
    assert all(reason in it.reason and not it.permanent for it in outcomes if isinstance(it, Failed))
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [(vars(record)["scheme"], record.name) for record in errors] == [("fax", "postdate.channels")]
    assert "secret" not in str(vars(errors[0]))


async def test_each_message_tries_again_to_make_the_channel() -> None:
    channel = LazyChannel("a test", Loads(ImportError("not yet"), Fax), CONTEXT)
    (first,) = await outcomes_of(channel, batch_of(b"1"))
    assert isinstance(first, Failed)
    assert await outcomes_of(channel, batch_of(b"1")) == [Delivered()]


async def test_it_lets_its_channel_close_if_there_is_one() -> None:
    made: list[Fax] = []

    def make(context: ChannelContext) -> Fax:
        made.append(Fax(context))
        return made[-1]

    channel = LazyChannel("a test", lambda: make, CONTEXT)
    await channel.aclose()
    assert made == []
    await channel.check("fax:1")
    await channel.aclose()
    assert not made[0].is_open
