from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.channels.lazy_channel import LazyChannel
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
    """A loader that returns these objects one after the other, or raises them if they are errors."""

    def __init__(self, *results: object) -> None:
        self._results = list(results)
        self.count = 0

    def __call__(self) -> Callable[[ChannelContext], Any]:
        self.count += 1
        result = self._results.pop(0)
        if isinstance(result, BaseException):
            raise result
        return result  # type: ignore[return-value]  # some tests load an object that is not a factory


@pytest.fixture
def channel() -> LazyChannel:
    return LazyChannel("a test", lambda: Fax, CONTEXT)


class TestLazyChannel(DeliveryChannelContract):
    pass


async def test_a_channel_is_loaded_once_and_only_when_its_first_message_comes() -> None:
    loads = Loads(Fax)
    channel = LazyChannel("a test", loads, CONTEXT)
    assert loads.count == 0
    await asyncio.gather(channel.check("fax:1"), channel.check("fax:2"), outcomes_of(channel, batch_of(b"1")))
    assert loads.count == 1


async def test_a_lazy_channel_refuses_the_destinations_that_its_channel_refuses(channel: LazyChannel) -> None:
    await channel.check("fax:1")
    with pytest.raises(InvalidDestinationError, match="has no number"):
        await channel.check("fax:")


@pytest.mark.parametrize(
    ("loaded", "reason"),
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
    ids=[
        "import fails",
        "import exits",
        "factory accepts no context",
        "not a channel",
        "not a factory",
        "missing setting",
    ],
)
async def test_a_channel_that_cannot_be_created_fails_its_messages_with_the_reason(
    loaded: object, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    channel = LazyChannel("postdate-fax", Loads(loaded, loaded, loaded), CONTEXT)
    with pytest.raises(InvalidDestinationError) as refusal:
        await channel.check("fax:1")
    assert f"postdate-fax provides no channel: {reason}" in str(refusal.value)
    outcomes = await outcomes_of(channel, batch_of(b"1", b"2"))
    assert [type(outcome) for outcome in outcomes] == [Failed, Failed]
    assert all(reason in it.reason and not it.permanent for it in outcomes if isinstance(it, Failed))
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [(vars(record)["scheme"], record.name) for record in errors] == [("fax", "postdate.channels")]
    assert "secret" not in str(vars(errors[0]))


async def test_each_message_tries_again_to_create_the_channel() -> None:
    channel = LazyChannel("a test", Loads(ImportError("not yet"), Fax), CONTEXT)
    (first,) = await outcomes_of(channel, batch_of(b"1"))
    assert isinstance(first, Failed)
    assert await outcomes_of(channel, batch_of(b"1")) == [Delivered()]


async def test_closing_a_lazy_channel_closes_its_channel_if_it_was_created() -> None:
    created: list[Fax] = []

    def create(context: ChannelContext) -> Fax:
        created.append(Fax(context))
        return created[-1]

    channel = LazyChannel("a test", lambda: create, CONTEXT)
    await channel.aclose()
    assert created == []
    await channel.check("fax:1")
    await channel.aclose()
    assert not created[0].is_open
