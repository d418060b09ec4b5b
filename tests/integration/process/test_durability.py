"""Processes and `doctor` on a store whose configuration does not suit the required durability."""

from __future__ import annotations

import json
import signal
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.integration.process.processes import (
    DELIVER_DUE,
    SERVE,
    Api,
    api,
    data_folder,
    free_port,
    in_ms,
    running,
    until,
)
from tests.integration.servers.private_server import private_pair, private_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.servers.private_server import PrivateServer

DOCTOR = (sys.executable, "-m", "postdate.entrypoints.cli", "doctor")
UNSUITABLE = ("--maxmemory-policy", "allkeys-lru")
UNSUITABLE_EVENT = "the store is not set up as it should be"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def unsuitable_server() -> Iterator[PrivateServer]:
    """A server that evicts messages when it is full, and writes nothing to disk."""
    with private_server(keeps_data=False, options=UNSUITABLE) as server:
        yield server


@pytest.fixture
def everysec_server() -> Iterator[PrivateServer]:
    with private_server(keeps_data=True, options=("--appendfsync", "everysec")) as server:
        yield server


@pytest.fixture
def data() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


# --- the start -------------------------------------------------------------------------------------------


async def test_a_service_on_an_unsuitable_store_logs_warnings(unsuitable_server: PrivateServer, port: int) -> None:
    async with (
        running(*SERVE, "--redis-url", unsuitable_server.url, "--port", str(port)) as service,
        api(port) as http,
    ):
        await http.schedule("on an unsuitable store")
        await service.lines(1)
        service.send(signal.SIGTERM)
        assert await service.ends() == 0
    assert [(line["level"], line["event"], line["subject"]) for line in service.log] == [
        ("warning", UNSUITABLE_EVENT, "eviction"),
        ("warning", UNSUITABLE_EVENT, "persistence"),
    ]
    assert "allkeys-lru" in service.log[0]["found"]
    assert "noeviction" in service.log[0]["advice"]


@pytest.mark.parametrize("command", [SERVE, (*SERVE, "--workers", "2"), DELIVER_DUE, (*DELIVER_DUE, "--once")])
async def test_strict_processes_refuse_an_unsuitable_store_in_one_line(
    unsuitable_server: PrivateServer, command: tuple[str, ...]
) -> None:
    settings = {"POSTDATE_REDIS_URL": unsuitable_server.url, "POSTDATE_STRICT": "1"}
    at = ("--port", str(free_port())) if command[: len(SERVE)] == SERVE else ()
    async with running(*command, *at, env=settings) as process:
        assert await process.ends() == 2
    (line,) = process.logged
    assert line.startswith("postdate: POSTDATE_STRICT ")
    assert "set maxmemory-policy noeviction" in line
    assert "set appendonly yes" in line


async def test_fsync_is_refused_on_a_store_that_syncs_once_a_second(
    everysec_server: PrivateServer, port: int
) -> None:
    settings = {"POSTDATE_REDIS_URL": everysec_server.url, "POSTDATE_DURABILITY": "fsync"}
    async with running(*SERVE, "--port", str(port), env=settings) as service:
        assert await service.ends() == 2
    (line,) = service.logged
    assert line.startswith("postdate: POSTDATE_DURABILITY ")
    assert "set appendonly yes and appendfsync always" in line


async def test_fsync_is_served_on_a_store_that_syncs_always(own_server: PrivateServer, port: int) -> None:
    command = (*SERVE, "--redis-url", own_server.url, "--durability", "fsync", "--strict", "--port", str(port))
    async with running(*command) as service, api(port) as http:
        await http.schedule("on disk", at=in_ms(0.2))
        await service.lines(1)
        service.send(signal.SIGTERM)
        assert await service.ends() == 0
    assert service.logged == []


async def test_the_embedded_store_satisfies_strict_and_fsync(data: Path, port: int) -> None:
    command = (*SERVE, "--data-dir", str(data), "--durability", "fsync", "--strict", "--port", str(port))
    async with running(*command) as service, api(port) as http:
        await http.schedule("on disk")
        await service.lines(1)
        service.send(signal.SIGTERM)
        assert await service.ends() == 0
    assert service.logged == []


async def test_an_unsuitable_store_that_becomes_available_later_ends_the_service(
    unsuitable_server: PrivateServer, port: int
) -> None:
    unsuitable_server.kill()
    command = (*SERVE, "--redis-url", unsuitable_server.url, "--durability", "fsync", "--port", str(port))
    async with running(*command) as service:
        await service.says("the store is away")
        unsuitable_server.start()
        assert await service.ends() == 2
    assert [line for line in service.logged if not line.startswith("{")] == [service.logged[-1]]
    assert service.logged[-1].startswith("postdate: POSTDATE_DURABILITY ")


async def test_a_service_that_waits_for_its_store_can_be_stopped(
    unsuitable_server: PrivateServer, port: int
) -> None:
    unsuitable_server.kill()
    command = (*SERVE, "--no-deliver", "--redis-url", unsuitable_server.url, "--port", str(port))
    async with running(*command) as service:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await until(lambda: _is_live(Api(client=client)))
        service.send(signal.SIGTERM)
        assert await service.ends(within=5) == 0


async def _is_live(http: Api) -> bool:
    return await http.status("/health/live") == HTTPStatus.OK


# --- replicas --------------------------------------------------------------------------------------------


async def test_a_2xx_waits_for_the_replica_and_becomes_a_503_without_it(port: int) -> None:
    with private_pair() as pair:
        command = (*SERVE, "--redis-url", pair.primary.url, "--durability", "replicas:1", "--port", str(port))
        async with running(*command) as service, api(port) as http:
            await http.schedule("replicated", at=in_ms(0))
            await service.lines(1)
            pair.replica.kill()
            answer = await http.client.post("/v1/messages", json={"body": "alone"})
            assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
            assert "0 of 1 replicas" in answer.json()["detail"]
            assert [line.text for line in await service.lines(2)] == ["replicated", "alone"]
            service.send(signal.SIGTERM)
            assert await service.ends() == 0


async def test_a_service_logs_a_warning_if_replicas_are_missing(own_server: PrivateServer, port: int) -> None:
    command = (*SERVE, "--redis-url", own_server.url, "--durability", "replicas:2", "--port", str(port))
    async with running(*command) as service, api(port):
        service.send(signal.SIGTERM)
        assert await service.ends() == 0
    assert [line["subject"] for line in service.log] == ["durability"]
    assert "replicas:2 is required, but there are 0" in service.log[0]["found"]


async def test_a_replica_is_refused(port: int) -> None:
    with private_pair() as pair:
        async with running(*SERVE, "--redis-url", pair.replica.url, "--port", str(port)) as service:
            assert await service.ends() == 2
    (line,) = service.logged
    assert line.startswith("postdate: POSTDATE_REDIS_URL ")
    assert "name its primary" in line


# --- doctor ----------------------------------------------------------------------------------------------


async def test_doctor_prints_findings_with_advice(unsuitable_server: PrivateServer) -> None:
    async with running(*DOCTOR, "--redis-url", unsuitable_server.url) as doctor:
        assert await doctor.ends() == 0
    lines = [line.text for line in doctor.printed]
    assert [line.split()[:2] for line in lines if not line.startswith(" ")] == [
        ["ok", "version"],
        ["ok", "role"],
        ["warning", "eviction"],
        ["warning", "persistence"],
        ["ok", "durability"],
        ["ok", "clock"],
    ]
    assert [line.strip() for line in lines if line.startswith(" ")] == [
        "→ set maxmemory-policy noeviction",
        "→ set appendonly yes",
    ]
    assert doctor.logged == []


@pytest.mark.parametrize("failing", [("--durability", "fsync"), ("--strict",)])
async def test_doctor_fails_on_a_store_on_which_a_service_would_not_start(
    unsuitable_server: PrivateServer, failing: tuple[str, ...]
) -> None:
    async with running(*DOCTOR, "--json", *failing, "--redis-url", unsuitable_server.url) as doctor:
        assert await doctor.ends() == 1
    document = json.loads("".join(line.text for line in doctor.printed))
    assert not document["passed"]
    assert len(document["findings"]) == 6
    assert doctor.logged == []


async def test_doctor_has_no_warning_for_the_embedded_store(data: Path) -> None:
    async with running(*DOCTOR, "--strict", "--durability", "fsync", "--data-dir", str(data)) as doctor:
        assert await doctor.ends() == 0
    assert {line.text.split()[0] for line in doctor.printed} == {"ok"}
    assert doctor.logged == []


async def test_doctor_prints_one_line_if_the_store_is_unavailable(own_server: PrivateServer) -> None:
    own_server.kill()
    async with running(*DOCTOR, "--redis-url", own_server.url) as doctor:
        assert await doctor.ends() == 1
    (line,) = doctor.logged
    assert "unavailable" in line
    assert doctor.printed == []
