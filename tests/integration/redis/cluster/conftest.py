"""The store on a cluster of three masters, for each server binary of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis.connection.client import connect
from tests.contracts.world import PARTITIONS
from tests.integration.redis.conftest import names_of
from tests.integration.servers.cluster_servers import ClusterServers, cluster_servers
from tests.integration.servers.private_server import server_binaries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from redis.asyncio import Redis

    from postdate.adapters.redis.keys import KeySpace


@pytest.fixture(scope="session", params=server_binaries())
def cluster(request: pytest.FixtureRequest) -> Iterator[ClusterServers]:
    """A cluster that all tests share if they do not change it."""
    with cluster_servers(server_binaries()[request.param]) as servers:
        yield servers


@pytest.fixture
async def redis(cluster: ClusterServers, keys: KeySpace) -> AsyncIterator[Redis]:
    client = connect(cluster.url)
    try:
        yield client
        for partition in PARTITIONS:
            await client.unlink(*names_of(keys[partition]))
    finally:
        await client.aclose()
