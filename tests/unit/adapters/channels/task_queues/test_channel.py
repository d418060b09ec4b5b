from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.task_queues.call import InvalidCallError
from postdate.adapters.channels.task_queues.channel import TaskQueueChannel
from postdate.adapters.memory.clock import ManualClock
from postdate.domain.errors import InvalidDestinationError
from postdate.domain.messages.outcome import Delivered, Failed
from postdate.testing.contracts.delivery_channel import DeliveryChannelContract, batch_of, outcomes_of

if TYPE_CHECKING:
    from postdate.adapters.channels.task_queues.call import TaskCall


class FakeQueue:
    """A task queue that records its calls; two of them fail."""

    def __init__(self) -> None:
        self.calls: list[TaskCall] = []
        self.is_open = True

    def channel(self, tasks: tuple[str, ...] = ("*",)) -> TaskQueueChannel:
        return TaskQueueChannel(self, ManualClock(), tasks)

    async def enqueue(self, call: TaskCall) -> str:
        self.calls.append(call)
        match call.args:
            case ("unavailable",):
                raise ConnectionError("amqp://me:secret@host does not answer")
            case ("invalid",):
                raise InvalidCallError("not a valid call")
        return "recorded"

    async def aclose(self) -> None:
        self.is_open = False


@pytest.fixture
def channel() -> TaskQueueChannel:
    return FakeQueue().channel()


class TestTaskQueueChannel(DeliveryChannelContract):
    @pytest.fixture
    def to(self) -> str:
        return "celery:mail.send"


async def test_an_error_fails_its_own_message_and_only_an_invalid_call_fails_permanently() -> None:
    batch = batch_of(b'"unavailable"', b'"invalid"', b'"fine"', to="celery:mail.send")
    assert await outcomes_of(FakeQueue().channel(), batch) == [
        Failed(reason="ConnectionError: amqp://***@host does not answer"),
        Failed(reason="not a valid call", permanent=True),
        Delivered(detail="recorded"),
    ]


@pytest.mark.parametrize("to", ["celery:", "celery", "celery:two words", "celery:mail\n"])
async def test_a_destination_without_a_task_is_refused_and_fails_permanently(to: str) -> None:
    queue = FakeQueue()
    channel = queue.channel()
    with pytest.raises(InvalidDestinationError, match="no task name"):
        await channel.check(to)
    (outcome,) = await outcomes_of(channel, batch_of(b"1", to=to))
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert queue.calls == []


async def test_a_task_that_is_not_allowed_is_refused_with_the_allowed_ones_and_fails_temporarily() -> None:
    queue = FakeQueue()
    channel = queue.channel(("mail.*", "report"))
    for to in ("rq:mail.send", "rq:report"):
        await channel.check(to)
    with pytest.raises(InvalidDestinationError, match=r"mail\.\*, report"):
        await channel.check("rq:os.system")
    outcome, fine = await outcomes_of(channel, batch_of(b"1", to="rq:os.system")), batch_of(b"1", to="rq:report")
    assert isinstance(outcome[0], Failed)
    assert not outcome[0].permanent
    assert queue.calls == []
    assert await outcomes_of(channel, fine) == [Delivered(detail="recorded")]


async def test_closing_the_channel_closes_the_queue() -> None:
    queue = FakeQueue()
    await queue.channel().aclose()
    assert not queue.is_open
