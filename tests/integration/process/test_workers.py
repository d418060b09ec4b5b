"""`serve --workers`: several processes on one port, which stop together."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.process.processes import SERVE, api, children_of, free_port, in_ms, running, until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.integration.process.processes import Running

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="this system has no /proc")

LISTENING = "0A"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def serve(redis_url: str, namespace: str, port: int) -> tuple[str, ...]:
    return (*SERVE, "--workers", "2", "--port", str(port), "--redis-url", redis_url, "--namespace", namespace)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_workers_serve_one_port_and_stop_together(
    serve: tuple[str, ...], port: int, number: signal.Signals
) -> None:
    async with running(*serve) as group, api(port) as http:
        await until(lambda: have_listeners(port, 2))
        workers = children_of(group.pid)
        at = in_ms(1)
        for each in range(20):
            await http.schedule(each, at=at)
        lines = await group.lines(20)
        group.send(number)
        assert await group.ends() == 0
    assert len(workers) == 2
    assert Counter(line.content for line in lines) == dict.fromkeys(range(20), 1)
    assert [worker for worker in workers if exists(worker)] == []
    assert group.logged == []


@pytest.mark.parametrize("which", [[0], [1], [0, 1]])
async def test_a_killed_worker_ends_the_group(serve: tuple[str, ...], port: int, which: list[int]) -> None:
    async with running(*serve) as group, api(port):
        await until(lambda: have_listeners(port, 2))
        workers = children_of(group.pid)
        group.send(signal.SIGSTOP)  # so that all of them have ended before it waits for one
        await until(lambda: has_stopped(group.pid))
        for index in which:
            os.kill(workers[index], signal.SIGKILL)
        await until(lambda: have_ended(workers[index] for index in which))
        group.send(signal.SIGCONT)
        assert await group.ends() == signal.SIGKILL
    assert [worker for worker in workers if exists(worker)] == []
    assert "Traceback" not in "".join(group.logged)


async def test_workers_end_with_the_process_that_started_them(serve: tuple[str, ...], port: int) -> None:
    async with running(*serve) as group, api(port):
        await until(lambda: have_listeners(port, 2))
        workers = children_of(group.pid)
        group.send(signal.SIGKILL)
        await group.ends()
        await until(lambda: are_gone(workers))
    assert len(workers) == 2


async def test_a_signal_during_the_start_stops_the_workers(serve: tuple[str, ...]) -> None:
    async with running(*serve) as group:
        await until(lambda: has_children(group, 2))
        group.send(signal.SIGTERM)
        assert await group.ends() == 0
    assert group.logged == []


async def test_workers_with_an_invalid_configuration_report_it_and_end(serve: tuple[str, ...]) -> None:
    async with running(*serve, "--redis-url", "http://host") as group:
        assert await group.ends() == 2
    assert {line.split()[1] for line in group.logged} == {"POSTDATE_REDIS_URL"}


async def have_listeners(port: int, count: int) -> bool:
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]  # noqa: ASYNC240
    local = f":{port:04X}"
    return sum(address.endswith(local) and state == LISTENING for _, address, _, state, *_ in sockets) == count


async def has_children(group: Running, count: int) -> bool:
    return len(children_of(group.pid)) == count


async def have_ended(workers: Iterable[int]) -> bool:
    """Returns whether all threads of the workers have ended, so that they only have to be reaped."""
    return all(threads_of(worker) == ["Z"] for worker in workers)


async def has_stopped(pid: int) -> bool:
    """Returns whether all threads of a process are stopped. Until then it could still reap a worker."""
    return set(threads_of(pid)) == {"T"}


async def are_gone(workers: Iterable[int]) -> bool:
    """Returns whether the workers have ended. A new parent may still have to reap them."""
    return all(threads_of(worker) in ([], ["Z"]) for worker in workers)


def threads_of(pid: int) -> list[str]:
    """Returns the state of each thread of a process; empty if a thread has just ended."""
    stats = Path(f"/proc/{pid}/task").glob("*/stat")
    try:
        return [stat.read_text("ascii").rpartition(")")[2].split()[0] for stat in stats]
    except OSError:
        return []


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
