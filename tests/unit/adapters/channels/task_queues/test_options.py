"""The options with which a client could call a task that is not allowed, or write to a key of Postdate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dramatiq
import msgspec
import pytest
from celery import Celery  # type: ignore[import-untyped]  # it has no types
from dramatiq.brokers.stub import StubBroker

from postdate.adapters.channels.task_queues.celery import CeleryQueue
from postdate.adapters.channels.task_queues.channel import TaskQueueChannel
from postdate.adapters.channels.task_queues.dramatiq import DramatiqQueue
from postdate.adapters.memory.clock import ManualClock
from postdate.domain.errors import InvalidDestinationError
from postdate.domain.messages.outcome import Delivered, Failed
from postdate.testing.contracts.delivery_channel import batch_of, outcomes_of
from tests.unit.adapters.channels.task_queues.test_task_queues import UNAVAILABLE, channel_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from postdate.application.ports.delivery_channel import DeliveryChannel
    from postdate.domain.messages.outcome import Outcome

ALLOWED = "mail.send"
OTHER: dict[str, Any] = {"task": "shell.run", "args": ["rm"], "kwargs": {}, "options": {}}
GROUP: dict[str, Any] = {"task": ALLOWED, "kwargs": {"tasks": [OTHER]}, "subtask_type": "group"}
ALLOWED_SIGNATURE: dict[str, Any] = {"task": ALLOWED, "args": [1], "kwargs": {}, "immutable": False}
RESERVED = "postdate:{default:0}:endings"


def body_with(options: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"args": [], "options": options})


async def outcome_of(channel: DeliveryChannel, to: str, options: dict[str, Any]) -> Outcome:
    (outcome,) = await outcomes_of(channel, batch_of(body_with(options), to=to))
    return outcome


def require_refused(outcome: Outcome, *words: str) -> None:
    assert isinstance(outcome, Failed)
    assert outcome.permanent, outcome.reason
    for word in words:
        assert word in outcome.reason


# --- Celery ----------------------------------------------------------------------------------------------


@pytest.fixture
async def celery_queue() -> AsyncIterator[CeleryQueue]:
    queue = CeleryQueue("memory://", (ALLOWED,))
    yield queue
    await queue.aclose()


@pytest.fixture
def celery_channel(celery_queue: CeleryQueue) -> TaskQueueChannel:
    return TaskQueueChannel(celery_queue, ManualClock(), (ALLOWED,))


@pytest.fixture
def sent_by_celery() -> Iterator[_Sent]:
    """Yields the messages that are on the broker when they are read for the first time."""
    app = Celery("reader", broker="memory://", set_as_current=False)
    with app.connection_for_read() as connection, connection.SimpleQueue("celery") as messages:
        messages.clear()
        yield _Sent(messages)
        messages.clear()


class _Sent:
    def __init__(self, messages: Any) -> None:  # noqa: ANN401  # kombu has no types
        self._messages = messages

    def __iter__(self) -> Iterator[Any]:
        while self._messages.qsize():
            yield self._messages.get_nowait()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"headers": {"task": "shell.run"}}, ("headers", "task")),
        ({"headers": {"callbacks": [OTHER]}}, ("headers", "callbacks")),
        ({"headers": {"headers": {"task": "shell.run"}}}, ("headers",)),
        ({"headers": {"x-nested": [OTHER]}}, ("headers.x-nested",)),
        ({"headers": "task"}, ("headers",)),
        ({"link": OTHER}, ("link", "may not be called")),
        ({"link": [ALLOWED_SIGNATURE, OTHER]}, ("link", "may not be called")),
        ({"link_error": [OTHER]}, ("link_error", "may not be called")),
        ({"chain": [OTHER]}, ("chain", "may not be called")),
        ({"chord": OTHER}, ("chord", "may not be called")),
        ({"link": {**ALLOWED_SIGNATURE, "options": {"link": [OTHER]}}}, ("link", "may not be called")),
        ({"link": {**ALLOWED_SIGNATURE, "options": {"headers": {"task": "shell.run"}}}}, ("headers", "task")),
        ({"link": {**ALLOWED_SIGNATURE, "options": {"serializer": "pickle"}}}, ("serializer",)),
        ({"link": {**ALLOWED_SIGNATURE, "options": {"producer": "x"}}}, ("producer",)),
        ({"link": {**ALLOWED_SIGNATURE, "options": {"queue": RESERVED}}}, ("link", "reserved")),
        ({"link": {**ALLOWED_SIGNATURE, "options": 1}}, ("link", "options")),
        ({"link": GROUP}, ("link", "group")),
        ({"link": {**OTHER, "task": 1}}, ("link", "task")),
        ({"link": {**ALLOWED_SIGNATURE, "more": 1}}, ("link", "signature")),
        ({"link": "shell.run"}, ("link", "signature")),
        ({"serializer": "pickle"}, ("serializer", "json")),
        ({"serializer": "yaml"}, ("serializer", "json")),
        ({"queue": {"name": "x"}}, ("queue",)),
        ({"queue": RESERVED}, ("queue", "reserved")),
        ({"routing_key": RESERVED, "exchange": ""}, ("routing_key", "reserved")),
        ({"exchange": RESERVED}, ("exchange", "reserved")),
        ({"reply_to": RESERVED}, ("reply_to", "reserved")),
        ({"task_id": RESERVED}, ("task_id", "reserved")),
        ({"stamped_headers": ["a"]}, ("stamped_headers",)),
    ],
    ids=str,
)
async def test_a_celery_option_that_bypasses_the_allowed_tasks_is_a_permanent_failure(
    celery_channel: TaskQueueChannel, sent_by_celery: _Sent, options: dict[str, Any], words: tuple[str, ...]
) -> None:
    require_refused(await outcome_of(celery_channel, f"celery:{ALLOWED}", options), *words)
    assert list(sent_by_celery) == []


async def test_a_celery_call_with_harmless_options_is_sent_as_json(
    celery_channel: TaskQueueChannel, sent_by_celery: _Sent
) -> None:
    options = {
        "priority": 3,
        "time_limit": 10,
        "serializer": "json",
        "headers": {"traceparent": "00-1", "X-Request-Id": "7"},
        "link": [ALLOWED_SIGNATURE],
        "chain": None,
        "link_error": [],
    }
    assert await outcome_of(celery_channel, f"celery:{ALLOWED}", options) == Delivered()
    (message,) = sent_by_celery
    assert message.headers["task"] == ALLOWED
    assert (message.headers["traceparent"], message.headers["X-Request-Id"]) == ("00-1", "7")
    assert message.content_type == "application/json"
    assert [it["task"] for it in message.payload[2]["callbacks"]] == [ALLOWED]


async def test_a_group_in_a_celery_option_is_accepted_if_every_task_is_allowed(sent_by_celery: _Sent) -> None:
    queue = CeleryQueue("memory://")
    channel = TaskQueueChannel(queue, ManualClock())
    assert await outcome_of(channel, "celery:mail.send", {"link": GROUP}) == Delivered()
    assert len(list(sent_by_celery)) == 1
    await queue.aclose()


@pytest.mark.parametrize("name", ["celery.map", "celery.starmap", "celery.chunks", "celery.chain", "celery.group"])
async def test_a_task_that_calls_the_tasks_in_its_arguments_needs_to_be_allowed_by_its_name(name: str) -> None:
    def channel_with(*patterns: str) -> TaskQueueChannel:
        return TaskQueueChannel(CeleryQueue("memory://", patterns), ManualClock(), patterns)

    with pytest.raises(InvalidDestinationError, match="may not be called"):
        await channel_with("c*", "mail.*").check(f"celery:{name}")
    await channel_with("mail.*", name).check(f"celery:{name}")
    await channel_with("*").check(f"celery:{name}")


# --- Dramatiq --------------------------------------------------------------------------------------------

OTHER_ACTOR = {
    "queue_name": "default",
    "actor_name": "shell",
    "args": ["rm"],
    "kwargs": {},
    "options": {},
    "message_id": "1",
    "message_timestamp": 1,
}


@pytest.mark.parametrize(
    "options",
    [
        {"on_success": "shell"},
        {"on_failure": "shell"},
        {"on_retry_exhausted": "shell"},
        {"pipe_target": OTHER_ACTOR},
        {"group_completion_callbacks": [OTHER_ACTOR], "group_completion_uuid": "1"},
        {"redis_message_id": "1"},
        {"eta": 1},
        {"max_retries": [1]},
        {"queue": RESERVED},
        {"task_id": RESERVED},
    ],
    ids=str,
)
async def test_a_dramatiq_option_that_bypasses_the_allowed_actors_is_a_permanent_failure(
    options: dict[str, Any],
) -> None:
    broker = StubBroker(middleware=[])
    channel = TaskQueueChannel(DramatiqQueue(broker), ManualClock(), ("mail",))
    require_refused(await outcome_of(channel, "dramatiq:mail", options), next(iter(options)))
    assert broker.get_declared_queues() == set()


async def test_a_dramatiq_message_with_harmless_options_is_enqueued() -> None:
    broker = StubBroker(middleware=[])
    channel = TaskQueueChannel(DramatiqQueue(broker), ManualClock(), ("mail",))
    options = {"queue": "slow", "max_retries": 2, "time_limit": 1000, "max_age": 5000}
    assert await outcome_of(channel, "dramatiq:mail", options) == Delivered()
    message = dramatiq.Message.decode(broker.queues["slow"].get_nowait())
    assert message.options == {"max_retries": 2, "time_limit": 1000, "max_age": 5000}


# --- the others ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("arq", {"queue": RESERVED}),
        ("arq", {"task_id": RESERVED}),
        ("rq", {"queue": RESERVED}),
        ("rq", {"on_success": "os.system"}),
        ("rq", {"depends_on": "1"}),
        ("rq", {"timeout": ["1"]}),
        ("taskiq", {"queue": RESERVED}),
        ("taskiq", {"queue_name": RESERVED}),
        ("taskiq", {"task_id": RESERVED}),
        ("taskiq", {"_pipe_data": "[]", "_pipe_step": 0}),
        ("taskiq", {"schedule": [{"cron": "* * * * *"}]}),
    ],
    ids=str,
)
async def test_an_option_of_another_queue_that_is_not_harmless_is_a_permanent_failure(
    name: str, options: dict[str, Any], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("broker")
    code = "from taskiq_redis import ListQueueBroker\nbroker = ListQueueBroker('unix:///nowhere/s')\n"
    (folder / "a_broker_for_options.py").write_text(code, "utf-8")
    monkeypatch.syspath_prepend(folder)
    settings = {**UNAVAILABLE[name]}
    if name == "taskiq":
        settings["POSTDATE_TASKIQ_BROKER"] = "a_broker_for_options:broker"
    channel = channel_of(name, settings)
    require_refused(await outcome_of(channel, f"{name}:mail.send", options), next(iter(options)))
    await channel.aclose()
