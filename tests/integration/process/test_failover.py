"""A primary or a master dies while processes run. Scheduling and delivery resume by themselves."""

from __future__ import annotations

import signal
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.keys import KeySpace
from postdate.domain.lease import Partition
from tests.integration.process.processes import SERVE, Api, api, free_port, in_ms, running, until
from tests.integration.servers.cluster_servers import ClusterServers, cluster_servers
from tests.integration.servers.private_server import first_binary
from tests.integration.servers.sentinel_servers import SentinelServers, sentinel_servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PARTITIONS = 3
BEFORE, AFTER = 30, 6
"""How many messages are scheduled before a failover and after it. Each partition gets the same number."""


@pytest.fixture
def servers() -> Iterator[SentinelServers]:
    with sentinel_servers(first_binary()) as started:
        yield started


@pytest.fixture
def cluster() -> Iterator[ClusterServers]:
    with cluster_servers(first_binary(), replicas=True) as started:
        yield started


async def test_all_replicated_messages_are_delivered_and_scheduling_resumes_after_a_primary_is_killed(
    servers: SentinelServers,
) -> None:
    def fail() -> None:
        servers.replicated()
        servers.primary.kill()

    await check_failover(servers.url, fail)


async def test_all_messages_are_delivered_and_scheduling_resumes_after_a_planned_failover(
    servers: SentinelServers,
) -> None:
    servers.primary.ask("CONFIG", "SET", "min-replicas-to-write", "1")

    def fail() -> None:
        servers.replicated()
        servers.switch()

    await check_failover(servers.url, fail)


async def test_all_messages_are_delivered_and_scheduling_resumes_after_a_cluster_master_is_killed(
    cluster: ClusterServers,
) -> None:
    keys = KeySpace("default")
    masters = [cluster.master_of(keys[Partition(number)].due) for number in range(PARTITIONS)]
    assert len(set(masters)) > 1, "all partitions are on one node, so the test shows nothing"

    def fail() -> None:
        cluster.replicated()
        masters[0].kill()

    await check_failover(cluster.url, fail)


async def check_failover(url: str, fail: Callable[[], None]) -> None:
    """Checks that messages accepted before and after a failover of the store are printed."""
    port = free_port()
    serve = (*SERVE, "--redis-url", url, "--partitions", str(PARTITIONS), "--port", str(port))
    async with running(*serve) as service, api(port) as http:
        due = in_ms(3)
        for number in range(BEFORE):
            await http.schedule(f"before {number}", at=due)
        fail()
        for _ in range(PARTITIONS):
            await until(lambda: _accepts(http))
        await until(http.is_ready)
        for number in range(AFTER):
            await http.schedule(f"after {number}")
        expected = {f"before {number}" for number in range(BEFORE)} | {f"after {n}" for n in range(AFTER)}
        await until(lambda: _printed(expected, lambda: {line.text for line in service.printed}))
        service.send(signal.SIGTERM)
        assert await service.ends() == 0


async def _accepts(http: Api) -> bool:
    answer = await http.client.post("/v1/messages", json={"body": "a probe"})
    assert answer.status_code in {HTTPStatus.CREATED, HTTPStatus.SERVICE_UNAVAILABLE}, answer.text
    return answer.status_code == HTTPStatus.CREATED


async def _printed(expected: set[str], printed: Callable[[], set[str]]) -> bool:
    return expected <= printed()
