"""Batches, keys and edits on a real server and a real store."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.keys import KeySpace
from postdate.domain.lease import Partition
from tests.integration.process.processes import SERVE, Api, api, free_port, running, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from tests.integration.process.processes import Running
    from tests.integration.servers.private_server import PrivateServer

LINES = 100_000
MAX_GROWTH_BYTES = 24 * 1024 * 1024
HEAD = b"POST /v1/messages/batch HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-ndjson\r\n"


@asynccontextmanager
async def serving(redis_url: str, namespace: str) -> AsyncIterator[tuple[Running, Api, int]]:
    port = free_port()
    command = (*SERVE, "--no-deliver", "--redis-url", redis_url, "--namespace", namespace, "--port", str(port))
    async with running(*command) as service, api(port) as http:
        yield service, http, port


def memory_of(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise LookupError(name)


async def send(http: Api, content: AsyncIterator[bytes]) -> Mapping[str, Any]:
    headers = {"content-type": "application/x-ndjson"}
    response = await http.client.post("/v1/messages/batch", content=content, headers=headers, timeout=120)
    assert response.status_code == HTTPStatus.OK, response.text
    document: Mapping[str, Any] = response.json()
    return document


async def lines(count: int, at_a_time: int = 500) -> AsyncIterator[bytes]:
    for start in range(0, count, at_a_time):
        documents = ({"body": "x" * 100, "in": "1h", "labels": [str(n)]} for n in range(start, start + at_a_time))
        yield b"".join(json.dumps(document).encode() + b"\n" for document in documents)


async def test_the_memory_stays_steady_over_a_hundred_thousand_lines(redis_url: str, namespace: str) -> None:
    async with serving(redis_url, namespace) as (service, http, _):
        await send(http, lines(2_000))
        before = memory_of(service.pid, "VmRSS")
        document = await send(http, lines(LINES))
        assert (document["accepted"], document["rejected"]) == (LINES, 0)
        ids = [result["id"] for result in document["results"]]
        assert ids == sorted(set(ids))
        # The peak also counts memory that was freed meanwhile.
        assert memory_of(service.pid, "VmHWM") - before < MAX_GROWTH_BYTES
        last = await http.find({"id": ids[-1]})
        assert last["labels"] == [str(LINES - 1)]


async def test_a_disconnected_client_is_not_logged_and_half_a_line_is_not_scheduled(
    redis_url: str, namespace: str
) -> None:
    async with serving(redis_url, namespace) as (service, http, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"Content-Length: 100000\r\n\r\n" + b'{"body": 1, "key": "whole"}\n' * 500)
        writer.write(b'{"body": 1, "key": "half"}')
        await writer.drain()
        writer.close()
        await http.schedule("x", key="afterwards", **{"in": "1h"})
        response = await http.client.post("/v1/messages", json={"body": 1, "key": "half"})
        assert response.status_code == HTTPStatus.CREATED
        assert service.logged == []


async def test_every_line_has_a_result_when_the_store_fails_in_the_middle(
    own_server: PrivateServer, namespace: str
) -> None:
    async with serving(own_server.url, namespace) as (_, http, _port):

        async def content() -> AsyncIterator[bytes]:
            async for piece in lines(5_000):
                yield piece
            await until(lambda: _stores_something(own_server, namespace))
            own_server.kill()
            async for piece in lines(5_000):
                yield piece

        document = await send(http, content())
        results = document["results"]
        assert len(results) == 10_000
        assert document["accepted"] >= 500
        assert {result["problem"]["status"] for result in results if "problem" in result} == {503}
        own_server.start()
        await until(http.is_ready)
        accepted = [result["id"] for result in results if "id" in result]
        for message_id in (accepted[0], accepted[-1]):
            assert (await http.find({"id": message_id}))["status"] == "scheduled"


async def _stores_something(server: PrivateServer, namespace: str) -> bool:
    client = connect(server.url)
    try:
        return bool(await client.exists(KeySpace(namespace)[Partition(0)].messages))
    finally:
        await client.aclose()


async def test_fifty_connections_with_one_key_make_one_message(redis_url: str, namespace: str) -> None:
    async with serving(redis_url, namespace) as (_, http, port):
        limits = httpx.Limits(max_connections=50)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits) as client:
            request = {"body": 1, "in": "1h", "key": "a"}
            responses = await asyncio.gather(*(client.post("/v1/messages", json=request) for _ in range(50)))
        assert sorted(response.status_code for response in responses) == [200] * 49 + [201]
        assert len({response.json()["id"] for response in responses}) == 1
        del http


@pytest.mark.parametrize("partitions", ["1", "7"])
async def test_a_key_is_unique_for_any_number_of_partitions(
    redis_url: str, namespace: str, partitions: str
) -> None:
    ids = set()
    for count in (partitions, "3"):
        port = free_port()
        command = (*SERVE, "--no-deliver", "--redis-url", redis_url, "--namespace", namespace)
        async with running(*command, "--port", str(port), "--partitions", count), api(port) as http:
            for key in "abcdefgh":
                response = await http.client.post("/v1/messages", json={"body": 1, "in": "1h", "key": key})
                ids.add(response.json()["id"])
    assert len(ids) == 8


async def test_one_of_twenty_edits_of_the_same_state_is_accepted(redis_url: str, namespace: str) -> None:
    async with serving(redis_url, namespace) as (_, http, _port):
        message = await http.schedule("x", **{"in": "1h"})
        path = f"/v1/messages/{message['id']}"
        tag = (await http.client.get(path)).headers["etag"]
        edits = [http.client.patch(path, json={"body": number}, headers={"if-match": tag}) for number in range(20)]
        responses = await asyncio.gather(*edits)
        assert sorted(response.status_code for response in responses) == [200] + [412] * 19
        (won,) = (response for response in responses if response.status_code == HTTPStatus.OK)
        assert (await http.find(message))["body"] == won.json()["body"]
        assert (await http.client.post(f"{path}/deliver")).status_code == HTTPStatus.ACCEPTED
        assert (await http.client.post(f"{path}/replay")).status_code == HTTPStatus.CONFLICT
