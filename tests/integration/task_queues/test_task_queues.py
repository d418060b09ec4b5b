"""Each task queue with a real worker: a task runs once, at its time, and a dead broker loses no message."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.process.processes import SERVE, api, data_folder, free_port, in_ms, running, until
from tests.integration.task_queues.queues import ARQ_PACKAGES, QUEUES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from tests.integration.process.processes import Api
    from tests.integration.servers.private_server import PrivateServer
    from tests.integration.task_queues.queues import Queue

MAX_LATENESS_SECONDS = 3.0
CALL = {"args": [1, "a"], "kwargs": {"k": True}}


@pytest.fixture(params=sorted(QUEUES))
def queue(request: pytest.FixtureRequest) -> Queue:
    if request.param == "arq" and not ARQ_PACKAGES.is_dir():
        pytest.skip("arq needs an older redis-py, which `make install` installs into a separate folder")
    return QUEUES[request.param]


@asynccontextmanager
async def service_of(environment: Mapping[str, str]) -> AsyncIterator[Api]:
    port = free_port()
    with data_folder() as data:
        command = (*SERVE, "--port", str(port), "--data-dir", str(data))
        async with running(*command, env=environment), api(port) as http:
            yield http


async def test_a_task_runs_once_at_its_time_and_waits_for_a_broker_that_is_down(
    queue: Queue, own_server: PrivateServer, tmp_path: Path
) -> None:
    broker = queue.broker(own_server.url)
    environment = queue.environment(broker, tmp_path)
    worker = [part.replace("BROKER", broker) for part in queue.worker]

    def notes() -> list[dict[str, Any]]:
        path = tmp_path / "notes"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    own_server.kill()
    async with service_of(environment) as http:
        early = await http.schedule({"name": "early"}, to=queue.to)
        hopeless = await http.schedule("hopeless", to=queue.to, retry={"attempts": 1})

        async def have_failed() -> bool:
            found = [await http.find(message) for message in (early, hopeless)]
            return bool(found[0]["attempts"]) and found[1]["status"] == "dead"

        await until(have_failed)
        (failure,) = (await http.find(hopeless))["failures"]
        assert failure["reason"]
        own_server.start()
        async with running(*worker, cwd=tmp_path, env=queue.environment_of_worker(environment)):
            at = in_ms(1.0)
            timed = await http.schedule(CALL, to=queue.to, at=at)
            same = {"args": ["same"], "options": {"task_id": "the-same-id"}}
            for _ in range(2 if queue.detects_duplicates else 1):
                await http.schedule(same, to=queue.to, at=at)
            expected = {early["id"]: [{"name": "early"}], timed["id"]: CALL["args"], "the-same-id": ["same"]}

            async def have_run() -> bool:
                return expected.keys() <= {note["id"] for note in notes()}

            await until(have_run)
            # A task that ran twice would do so before the task that is enqueued last.
            last = await http.schedule("last", to=queue.to)
            expected[last["id"]] = ["last"]
            await until(have_run)
            for message in (early, timed, last):
                assert (await http.find(message))["status"] == "delivered"

    assert sorted(note["id"] for note in notes()) == sorted(expected)
    assert {note["id"]: note["args"] for note in notes()} == expected
    (note,) = (note for note in notes() if note["id"] == timed["id"])
    assert note["kwargs"] == CALL["kwargs"]
    assert 0 <= note["at"] - at / 1000 <= MAX_LATENESS_SECONDS
