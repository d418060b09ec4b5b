"""The channels to task queues pass the contract of all channels, on a real broker without a worker."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import pytest
from redis import Redis

from postdate.adapters.channels.task_queues import task_queue_channels
from postdate.adapters.system.clock import SystemClock
from postdate.domain.messages.outcome import Delivered, Failed
from postdate.testing.contracts.delivery_channel import DeliveryChannelContract, batch_of, outcomes_of
from tests.integration.task_queues.queues import QUEUES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from postdate.application.ports.delivery_channel import DeliveryChannel
    from tests.integration.servers.private_server import PrivateServer
    from tests.integration.task_queues.queues import Queue

BROKER_OF_TASKIQ = "from taskiq_redis import ListQueueBroker\nbroker = ListQueueBroker({!r})\n"


@pytest.fixture(params=sorted(QUEUES))
def queue(request: pytest.FixtureRequest) -> Queue:
    return QUEUES[request.param]


@pytest.fixture
async def channel(
    queue: Queue, own_server: PrivateServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DeliveryChannel]:
    module = f"broker_{tmp_path.name}"
    (tmp_path / f"{module}.py").write_text(BROKER_OF_TASKIQ.format(own_server.url), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    broker = queue.broker(own_server.url)
    settings = {name: value.replace("BROKER", broker) for name, value in queue.settings.items()}
    if queue.scheme == "taskiq":
        settings["POSTDATE_TASKIQ_BROKER"] = f"{module}:broker"
    channel = task_queue_channels(settings, SystemClock())[queue.scheme]
    yield channel
    await channel.aclose()  # type: ignore[attr-defined]  # each of these channels has it


class TestTaskQueueChannels(DeliveryChannelContract):
    @pytest.fixture
    def to(self, queue: Queue) -> str:
        return queue.to


@pytest.mark.parametrize(
    ("queue", "command", "jobs"),
    [
        (QUEUES["arq"], ("zrange", "arq:queue", 0, -1), [b"0"]),
        (QUEUES["rq"], ("lrange", "rq:queue:default", 0, -1), [b"0"]),
    ],
    ids=["arq", "rq"],
)
async def test_a_queue_that_detects_duplicates_keeps_one_job_of_an_id(
    channel: DeliveryChannel,
    own_server: PrivateServer,
    queue: Queue,
    command: tuple[str | int, ...],
    jobs: object,
) -> None:
    for detail in ("", "the queue has a job of this id already"):
        assert await outcomes_of(channel, batch_of(b"1", to=queue.to)) == [Delivered(detail=detail)]
    with Redis(unix_socket_path=own_server.url.removeprefix("unix://")) as redis:
        assert redis.execute_command(*command) == jobs


@pytest.mark.parametrize("queue", [QUEUES["arq"]], ids=["arq"])
async def test_concurrent_arq_jobs_of_one_id_are_one_job(channel: DeliveryChannel, queue: Queue) -> None:
    results = await asyncio.gather(*[outcomes_of(channel, batch_of(b"1", to=queue.to)) for _ in range(20)])
    details = [outcome.detail for (outcome,) in results if isinstance(outcome, Delivered)]
    assert sorted(details) == ["", *["the queue has a job of this id already"] * 19]


@pytest.mark.parametrize("option", ["queue", "task_id"])
async def test_no_option_writes_to_a_key_of_postdate(
    channel: DeliveryChannel, own_server: PrivateServer, queue: Queue, option: str
) -> None:
    body = msgspec.json.encode({"args": [], "options": {option: "postdate:{default:0}:endings"}})
    (outcome,) = await outcomes_of(channel, batch_of(body, to=queue.to))
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert option in outcome.reason
    with Redis(unix_socket_path=own_server.url.removeprefix("unix://")) as redis:
        assert redis.keys("*endings*") == []
