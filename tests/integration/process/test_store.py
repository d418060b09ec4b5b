"""Outages of the store while processes run."""

from __future__ import annotations

import signal
from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.integration.process.processes import DELIVER_DUE, SERVE, api, free_port, in_ms, running, until

if TYPE_CHECKING:
    from tests.integration.process.processes import Api
    from tests.integration.servers.private_server import PrivateServer

MAX_LATENESS_SECONDS = 1.0


async def test_a_service_reports_that_the_store_is_unavailable_and_recovers_by_itself(
    own_server: PrivateServer,
) -> None:
    port = free_port()
    command = (*SERVE, "--redis-url", own_server.url, "--port", str(port))
    async with running(*command) as service, api(port) as http:
        await http.schedule("accepted before", at=in_ms(2))
        own_server.kill()
        await until(lambda: _answers_503(http))
        refused = await http.client.post("/v1/messages", json={"body": "not accepted"})
        assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert int(refused.headers["retry-after"]) > 0
        assert refused.headers["content-type"] == "application/problem+json"
        assert await http.status("/health/live") == HTTPStatus.OK
        await service.says("the store is away")
        own_server.start()
        await until(http.is_ready)
        await service.lines(1)
        at = in_ms(1)
        await http.schedule("accepted after", at=at)
        last = (await service.lines(2))[-1]
        service.send(signal.SIGTERM)
        assert await service.ends() == 0
    assert [line.text for line in service.printed] == ["accepted before", "accepted after"]
    assert 0 <= last.lateness(at / 1000) <= MAX_LATENESS_SECONDS
    events = [line["event"] for line in service.log]
    assert events.count("the store is away; waiting for it") == events.count("the store is back") == 1


async def test_a_service_may_start_before_its_store(own_server: PrivateServer) -> None:
    port = free_port()
    own_server.kill()
    command = (*SERVE, "--redis-url", own_server.url, "--port", str(port))
    async with running(*command) as service:
        await service.says("the store is away")
        own_server.start()
        async with api(port) as http:
            await http.schedule("in time", at=in_ms(0.5))
            await service.lines(1)
        service.send(signal.SIGTERM)
        assert await service.ends() == 0


async def test_a_signal_stops_a_service_without_a_store_within_five_seconds(own_server: PrivateServer) -> None:
    port = free_port()
    async with running(*SERVE, "--redis-url", own_server.url, "--port", str(port)) as service, api(port):
        own_server.kill()
        await service.says("the store is away")
        service.send(signal.SIGTERM)
        assert await service.ends(within=5) == 0


async def test_a_single_pass_without_a_store_fails_with_one_line(own_server: PrivateServer) -> None:
    own_server.kill()
    async with running(*DELIVER_DUE, "--once", "--redis-url", own_server.url) as once:
        assert await once.ends() == 1
    assert len(once.logged) == 1
    assert "unavailable" in once.logged[0]


async def _answers_503(http: Api) -> bool:
    return await http.status("/health/ready") == HTTPStatus.SERVICE_UNAVAILABLE
