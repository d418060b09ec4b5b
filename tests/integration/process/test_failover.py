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
"""How many messages are scheduled before a failover, and after it: as many in each partition."""


@pytest.fixture
def watched() -> Iterator[SentinelServers]:
    with sentinel_servers(first_binary()) as servers:
        yield servers


@pytest.fixture
def cluster() -> Iterator[ClusterServers]:
    with cluster_servers(first_binary(), replicas=True) as servers:
        yield servers


async def test_when_a_primary_is_killed_all_that_was_replicated_is_delivered_and_scheduling_resumes(
    watched: SentinelServers,
) -> None:
    def fail() -> None:
        watched.replicated()
        watched.primary.kill()

    await rides_out(watched.url, fail)


async def test_when_another_is_made_the_primary_all_is_delivered_and_scheduling_resumes(
    watched: SentinelServers,
) -> None:
    watched.primary.ask("CONFIG", "SET", "min-replicas-to-write", "1")

    def fail() -> None:
        watched.replicated()
        watched.switch()

    await rides_out(watched.url, fail)


async def test_when_a_master_of_a_cluster_is_killed_all_is_delivered_and_scheduling_resumes(
    cluster: ClusterServers,
) -> None:
    keys = KeySpace("default")
    masters = [cluster.master_of(keys[Partition(number)].due) for number in range(PARTITIONS)]
    assert len(set(masters)) > 1, "the partitions are to be on several nodes"

    def fail() -> None:
        cluster.replicated()
        masters[0].kill()

    await rides_out(cluster.url, fail)


async def rides_out(url: str, fail: Callable[[], None]) -> None:
    """Schedules, has the store fail, and holds that what was accepted before and after is printed."""
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
    answer = await http.client.post("/v1/messages", json={"body": "is it back?"})
    assert answer.status_code in {HTTPStatus.CREATED, HTTPStatus.SERVICE_UNAVAILABLE}, answer.text
    return answer.status_code == HTTPStatus.CREATED


async def _printed(expected: set[str], printed: Callable[[], set[str]]) -> bool:
    return expected <= printed()
