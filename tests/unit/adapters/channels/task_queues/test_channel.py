from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.task_queues.call import UncallableError
from postdate.adapters.channels.task_queues.channel import TaskQueueChannel
from postdate.adapters.memory.clock import ManualClock
from postdate.domain.errors import InvalidDestinationError
from postdate.domain.messages.outcome import Delivered, Failed
from postdate.testing.contracts.delivery_channel import DeliveryChannelContract, batch_of, outcomes_of

if TYPE_CHECKING:
    from postdate.adapters.channels.task_queues.call import Call


class Notebook:
    """A task queue that notes what it is given; a task may fail."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.is_open = True

    def channel(self, tasks: tuple[str, ...] = ("*",)) -> TaskQueueChannel:
        return TaskQueueChannel(self, ManualClock(), tasks)

    async def enqueue(self, call: Call) -> str:
        self.calls.append(call)
        match call.args:
            case ("away",):
                raise ConnectionError("amqp://me:secret@host is away")
            case ("never",):
                raise UncallableError("not like this")
        return "noted"

    async def aclose(self) -> None:
        self.is_open = False


@pytest.fixture
def channel() -> TaskQueueChannel:
    return Notebook().channel()


class TestTaskQueueChannel(DeliveryChannelContract):
    @pytest.fixture
    def to(self) -> str:
        return "celery:mail.send"


async def test_a_fault_fails_its_own_message_and_only_what_can_never_be_enqueued_is_permanent() -> None:
    batch = batch_of(b'"away"', b'"never"', b'"fine"', to="celery:mail.send")
    assert await outcomes_of(Notebook().channel(), batch) == [
        Failed(reason="ConnectionError: amqp://***@host is away"),
        Failed(reason="not like this", permanent=True),
        Delivered(detail="noted"),
    ]


@pytest.mark.parametrize("to", ["celery:", "celery", "celery:two words", "celery:mail\n"])
async def test_a_destination_without_a_task_is_refused_and_dead(to: str) -> None:
    notebook = Notebook()
    channel = notebook.channel()
    with pytest.raises(InvalidDestinationError, match="no name of a task"):
        await channel.check(to)
    (outcome,) = await outcomes_of(channel, batch_of(b"1", to=to))
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert notebook.calls == []


async def test_a_task_that_may_not_be_called_is_refused_and_fails_with_those_that_may() -> None:
    notebook = Notebook()
    channel = notebook.channel(("mail.*", "report"))
    for to in ("rq:mail.send", "rq:report"):
        await channel.check(to)
    with pytest.raises(InvalidDestinationError, match=r"mail\.\*, report"):
        await channel.check("rq:os.system")
    outcome, fine = await outcomes_of(channel, batch_of(b"1", to="rq:os.system")), batch_of(b"1", to="rq:report")
    assert isinstance(outcome[0], Failed)
    assert not outcome[0].permanent
    assert notebook.calls == []
    assert await outcomes_of(channel, fine) == [Delivered(detail="noted")]


async def test_closing_the_channel_closes_the_queue() -> None:
    notebook = Notebook()
    await notebook.channel().aclose()
    assert not notebook.is_open
