"""Instances with different numbers of partitions."""

from __future__ import annotations

import signal
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

from postdate.adapters.redis.connection.client import connect
from postdate.adapters.redis.keys import KeySpace
from postdate.adapters.system.id_generator import partition_of
from tests.integration.process.processes import DELIVER_DUE, SERVE, Api, api, free_port, in_ms, running, until

if TYPE_CHECKING:
    from tests.integration.servers.private_server import PrivateServer


async def test_an_instance_with_one_partition_delivers_messages_of_three_partitions(
    own_server: PrivateServer,
) -> None:
    port = free_port()
    serve = (*SERVE, "--redis-url", own_server.url, "--port", str(port), "--no-deliver", "--partitions", "3")
    async with (
        running(*DELIVER_DUE, "--redis-url", own_server.url) as deliverer,
        running(*serve),
        api(port) as http,
    ):
        messages = [await http.schedule(f"{number}", at=in_ms(0.2)) for number in range(6)]
        assert {partition_of(message["id"]) for message in messages} == {0, 1, 2}
        printed = await deliverer.lines(6)
        assert sorted(line.text for line in printed) == ["0", "1", "2", "3", "4", "5"]
        deliverer.send(signal.SIGTERM)
        assert await deliverer.ends() == 0


async def test_a_single_pass_delivers_all_messages_after_the_number_of_partitions_was_reduced(
    own_server: PrivateServer,
) -> None:
    port = free_port()
    serve = (*SERVE, "--redis-url", own_server.url, "--port", str(port), "--no-deliver")
    async with running(*serve, "--partitions", "3"), api(port) as http:
        for number in range(3):
            await http.schedule(f"{number}")
    async with running(*DELIVER_DUE, "--once", "--redis-url", own_server.url) as once:
        assert await once.ends() == 0
        assert sorted(line.text for line in once.printed) == ["0", "1", "2"]


async def test_partitions_are_registered_when_an_instance_starts(own_server: PrivateServer) -> None:
    port = free_port()
    serve = (*SERVE, "--redis-url", own_server.url, "--port", str(port), "--no-deliver", "--partitions", "3")
    async with running(*serve), api(port):
        assert await registered_at(own_server) == {b"0", b"1", b"2"}


async def test_partitions_are_registered_before_the_first_message_if_the_store_was_unavailable(
    own_server: PrivateServer,
) -> None:
    port = free_port()
    own_server.kill()
    serve = (*SERVE, "--redis-url", own_server.url, "--port", str(port), "--no-deliver", "--partitions", "2")
    async with running(*serve), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        http = Api(client=client)
        await until(lambda: _is_live(http))
        own_server.start()
        assert await registered_at(own_server) == set()
        await http.schedule("the first")
        assert await registered_at(own_server) == {b"0", b"1"}


async def registered_at(server: PrivateServer) -> set[bytes]:
    async with connect(server.url) as client:
        members = await client.smembers(KeySpace("default").partitions)
        return {member for member in members if isinstance(member, bytes)}


async def _is_live(http: Api) -> bool:
    return await http.status("/health/live") == HTTPStatus.OK
