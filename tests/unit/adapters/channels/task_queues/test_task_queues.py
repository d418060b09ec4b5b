"""The channels of the task queues as the service creates them, with a broker that does not answer."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.lazy_channel import LazyChannel
from postdate.adapters.channels.task_queues import QUEUES, task_queue_channels
from postdate.adapters.memory.clock import ManualClock
from postdate.domain.errors import InvalidDestinationError
from postdate.domain.messages.outcome import Failed
from postdate.testing.contracts.delivery_channel import batch_of, outcomes_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NOWHERE = "/nowhere/s"
PROMPTLY_SECONDS = 4
"""Well below the time for which a client library with its own retries would block a thread."""
UNAVAILABLE: Mapping[str, Mapping[str, str]] = {
    "arq": {"POSTDATE_ARQ_REDIS_URL": f"unix://me:secret@{NOWHERE}"},
    "celery": {"POSTDATE_CELERY_BROKER": f"redis+socket://{NOWHERE}"},
    "dramatiq": {"POSTDATE_DRAMATIQ_BROKER": f"unix://me:secret@{NOWHERE}"},
    "rq": {"POSTDATE_RQ_REDIS_URL": f"unix://me:secret@{NOWHERE}", "POSTDATE_RQ_TASKS": "mail.*"},
    "taskiq": {"POSTDATE_TASKIQ_BROKER": "a_broker_that_does_not_answer:broker"},
}
SETTINGS = {
    "arq": "POSTDATE_ARQ_REDIS_URL",
    "celery": "POSTDATE_CELERY_BROKER",
    "dramatiq": "POSTDATE_DRAMATIQ_BROKER",
    "rq": "POSTDATE_RQ_TASKS",
    "taskiq": "POSTDATE_TASKIQ_BROKER",
}


def channel_of(name: str, environment: Mapping[str, str]) -> LazyChannel:
    channel = task_queue_channels(environment, ManualClock())[name]
    assert isinstance(channel, LazyChannel)
    return channel


@pytest.mark.parametrize("name", sorted({*QUEUES} - {"arq"}))
async def test_a_library_that_is_not_installed_is_refused_with_the_command_that_installs_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, f"postdate.adapters.channels.task_queues.{name}", raising=False)
    monkeypatch.setitem(sys.modules, name, None)
    channel = channel_of(name, {})
    with pytest.raises(InvalidDestinationError, match=rf"pip install 'postdate\[{name}\]'"):
        await channel.check(f"{name}:mail.send")
    (outcome,) = await outcomes_of(channel, batch_of(b"1", to=f"{name}:mail.send"))
    assert isinstance(outcome, Failed)
    assert f"pip install 'postdate[{name}]'" in outcome.reason
    assert not outcome.permanent


@pytest.mark.parametrize("name", sorted(SETTINGS))
async def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(InvalidDestinationError, match=f"{SETTINGS[name]} is not set"):
        await channel_of(name, {}).check(f"{name}:mail.send")


@pytest.mark.parametrize("name", sorted(UNAVAILABLE))
async def test_a_broker_that_does_not_answer_fails_the_message_without_a_password_in_the_reason(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"from taskiq_redis import ListQueueBroker\nbroker = ListQueueBroker('unix://me:secret@{NOWHERE}')\n"
    (tmp_path / "a_broker_that_does_not_answer.py").write_text(code, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    channel = channel_of(name, UNAVAILABLE[name])
    await channel.check(f"{name}:mail.send")
    async with asyncio.timeout(PROMPTLY_SECONDS):
        (outcome,) = await outcomes_of(channel, batch_of(b"1", to=f"{name}:mail.send"))
    await channel.aclose()
    assert isinstance(outcome, Failed)
    assert not outcome.permanent
    assert "connect" in outcome.reason.lower()
    assert "secret" not in outcome.reason


@pytest.mark.parametrize("broker", ["nowhere", "postdate.domain.errors:PostdateError", "postdate:broker"])
async def test_an_object_that_is_not_a_taskiq_broker_is_named(broker: str) -> None:
    with pytest.raises(InvalidDestinationError, match=broker.partition(":")[0]):
        await channel_of("taskiq", {"POSTDATE_TASKIQ_BROKER": broker}).check("taskiq:mail.send")


@pytest.mark.parametrize("to", ["rq:send", "rq:mail.", "rq:mail.send now", "rq:mail:send"])
async def test_rq_requires_a_dotted_name(to: str) -> None:
    with pytest.raises(InvalidDestinationError, match="no task name"):
        await channel_of("rq", UNAVAILABLE["rq"]).check(to)


@pytest.mark.parametrize("name", ["arq", "celery", "rq"])
async def test_an_unknown_option_is_a_permanent_failure(name: str) -> None:
    body = b'{"args":[],"options":{"eta":1}}'
    (outcome,) = await outcomes_of(channel_of(name, UNAVAILABLE[name]), batch_of(body, to=f"{name}:mail.send"))
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert "no option 'eta'" in outcome.reason
