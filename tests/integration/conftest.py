"""The servers of the integration tests.

`redis_url` is a real server for the whole session, on which each test uses its own `namespace`. `docker_redis_url`
is a server in Docker; without Docker it skips the test. `own_server` is a server of one test, which may kill it.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.integration.servers.private_server import (
    DOCKER_IS_REQUIRED,
    NoDockerError,
    PrivateServer,
    private_server,
    redis_in_docker,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A real server: that of POSTDATE_TEST_REDIS_URL, or else one in Docker, or else a private process."""
    if named := os.environ.get("POSTDATE_TEST_REDIS_URL"):
        yield named
        return
    in_docker = request.getfixturevalue("docker_redis")
    if isinstance(in_docker, str):
        yield in_docker
        return
    fail_where_docker_is_required(in_docker)
    # Snapshots as in the Docker image: each process would log a warning about a server without persistence.
    with private_server(keeps_data=False, options=("--save", "3600 1")) as server:
        yield server.url


@pytest.fixture(scope="session")
def docker_redis_url(docker_redis: str | NoDockerError) -> str:
    """A server in Docker. Without Docker the test is skipped, or fails if POSTDATE_REQUIRE_DOCKER is 1."""
    if isinstance(docker_redis, str):
        return docker_redis
    fail_where_docker_is_required(docker_redis)
    pytest.skip(str(docker_redis))


@pytest.fixture(scope="session")
def docker_redis() -> Iterator[str | NoDockerError]:
    """The URL of the session's container, or the reason why there is none."""
    with ExitStack() as containers:
        yield started_in(containers)


def started_in(containers: ExitStack) -> str | NoDockerError:
    try:
        return containers.enter_context(redis_in_docker())
    except NoDockerError as error:
        return error


def fail_where_docker_is_required(error: NoDockerError) -> None:
    if DOCKER_IS_REQUIRED:
        pytest.fail(f"POSTDATE_REQUIRE_DOCKER is 1, but {error}", pytrace=False)


@pytest.fixture
def own_server() -> Iterator[PrivateServer]:
    """A server of one test that writes every change to disk. The test may kill and restart it."""
    with private_server(keeps_data=True) as server:
        yield server


@pytest.fixture
def namespace() -> str:
    """A key prefix that no other test and no other user of the server has."""
    return f"test-{uuid4().hex}"
