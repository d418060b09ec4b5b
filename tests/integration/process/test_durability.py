"""How processes take a store that is not set up for what is wanted of it, and what `doctor` says of it."""

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
UNFIT = ("--maxmemory-policy", "allkeys-lru")
SET_UP = "the store is not set up as it should be"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def unfit_server() -> Iterator[PrivateServer]:
    """A server that drops messages when it is full, and keeps nothing on disk."""
    with private_server(keeps_data=False, options=UNFIT) as server:
        yield server


@pytest.fixture
def server_of_every_second() -> Iterator[PrivateServer]:
    with private_server(keeps_data=True, options=("--appendfsync", "everysec")) as server:
        yield server


@pytest.fixture
def data() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


# --- the start -------------------------------------------------------------------------------------------


async def test_an_unfit_store_is_served_and_warned_of(unfit_server: PrivateServer, port: int) -> None:
    async with running(*SERVE, "--redis-url", unfit_server.url, "--port", str(port)) as service, api(port) as http:
        await http.schedule("all the same")
        await service.lines(1)
        service.send(signal.SIGTERM)
        assert await service.ends() == 0
    assert [(line["level"], line["event"], line["subject"]) for line in service.log] == [
        ("warning", SET_UP, "eviction"),
        ("warning", SET_UP, "persistence"),
    ]
    assert "allkeys-lru" in service.log[0]["found"]
    assert "noeviction" in service.log[0]["advice"]


@pytest.mark.parametrize("command", [SERVE, (*SERVE, "--workers", "2"), DELIVER_DUE, (*DELIVER_DUE, "--once")])
async def test_the_strict_refuse_it_in_one_line(unfit_server: PrivateServer, command: tuple[str, ...]) -> None:
    settings = {"POSTDATE_REDIS_URL": unfit_server.url, "POSTDATE_STRICT": "1"}
    at = ("--port", str(free_port())) if command[: len(SERVE)] == SERVE else ()
    async with running(*command, *at, env=settings) as process:
        assert await process.ends() == 2
    (line,) = process.logged
    assert line.startswith("postdate: POSTDATE_STRICT ")
    assert "set maxmemory-policy noeviction" in line
    assert "set appendonly yes" in line


async def test_fsync_is_refused_where_the_store_syncs_once_a_second(
    server_of_every_second: PrivateServer, port: int
) -> None:
    settings = {"POSTDATE_REDIS_URL": server_of_every_second.url, "POSTDATE_DURABILITY": "fsync"}
    async with running(*SERVE, "--port", str(port), env=settings) as service:
        assert await service.ends() == 2
    (line,) = service.logged
    assert line.startswith("postdate: POSTDATE_DURABILITY ")
    assert "set appendonly yes and appendfsync always" in line


async def test_fsync_is_served_where_the_store_syncs_always(own_server: PrivateServer, port: int) -> None:
    command = (*SERVE, "--redis-url", own_server.url, "--durability", "fsync", "--strict", "--port", str(port))
    async with running(*command) as service, api(port) as http:
        await http.schedule("on disk", at=in_ms(0.2))
        await service.lines(1)
        service.send(signal.SIGTERM)
        assert await service.ends() == 0
    assert service.logged == []


async def test_the_embedded_store_does_for_the_strictest(data: Path, port: int) -> None:
    command = (*SERVE, "--data-dir", str(data), "--durability", "fsync", "--strict", "--port", str(port))
    async with running(*command) as service, api(port) as http:
        await http.schedule("on disk")
        await service.lines(1)
        service.send(signal.SIGTERM)
        assert await service.ends() == 0
    assert service.logged == []


async def test_a_store_that_comes_later_and_is_unfit_ends_the_service(
    unfit_server: PrivateServer, port: int
) -> None:
    unfit_server.kill()
    command = (*SERVE, "--redis-url", unfit_server.url, "--durability", "fsync", "--port", str(port))
    async with running(*command) as service:
        await service.says("the store is away")
        unfit_server.start()
        assert await service.ends() == 2
    assert [line for line in service.logged if not line.startswith("{")] == [service.logged[-1]]
    assert service.logged[-1].startswith("postdate: POSTDATE_DURABILITY ")


async def test_a_service_can_be_stopped_while_it_waits_to_examine_its_store(
    unfit_server: PrivateServer, port: int
) -> None:
    unfit_server.kill()
    command = (*SERVE, "--no-deliver", "--redis-url", unfit_server.url, "--port", str(port))
    async with running(*command) as service:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await until(lambda: _lives(Api(client=client)))
        service.send(signal.SIGTERM)
        assert await service.ends(within=5) == 0


async def _lives(http: Api) -> bool:
    return await http.status("/health/live") == HTTPStatus.OK


# --- replicas --------------------------------------------------------------------------------------------


async def test_a_2xx_waits_for_the_replica_and_without_it_is_a_503(port: int) -> None:
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


async def test_more_replicas_than_there_are_are_warned_of(own_server: PrivateServer, port: int) -> None:
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


async def test_doctor_says_what_is_wrong_and_what_to_do(unfit_server: PrivateServer) -> None:
    async with running(*DOCTOR, "--redis-url", unfit_server.url) as doctor:
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


@pytest.mark.parametrize("worse", [("--durability", "fsync"), ("--strict",)])
async def test_doctor_fails_where_a_service_would_not_start(
    unfit_server: PrivateServer, worse: tuple[str, ...]
) -> None:
    async with running(*DOCTOR, "--json", *worse, "--redis-url", unfit_server.url) as doctor:
        assert await doctor.ends() == 1
    document = json.loads("".join(line.text for line in doctor.printed))
    assert not document["passed"]
    assert len(document["findings"]) == 6
    assert doctor.logged == []


async def test_doctor_finds_nothing_wrong_with_the_embedded_store(data: Path) -> None:
    async with running(*DOCTOR, "--strict", "--durability", "fsync", "--data-dir", str(data)) as doctor:
        assert await doctor.ends() == 0
    assert {line.text.split()[0] for line in doctor.printed} == {"ok"}
    assert doctor.logged == []


async def test_doctor_says_in_one_line_that_the_store_is_away(own_server: PrivateServer) -> None:
    own_server.kill()
    async with running(*DOCTOR, "--redis-url", own_server.url) as doctor:
        assert await doctor.ends() == 1
    (line,) = doctor.logged
    assert "unavailable" in line
    assert doctor.printed == []
