"""The servers that integration tests talk to.

`redis_url` is a real server for the whole session: tests keep to a `namespace` of their own on it.
`docker_redis_url` is one in Docker, or a skip that says why not. `own_server` is a test's own, to be killed.
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
    """A real server: the one POSTDATE_TEST_REDIS_URL names, else one in Docker, else a private process."""
    if named := os.environ.get("POSTDATE_TEST_REDIS_URL"):
        yield named
        return
    in_docker = request.getfixturevalue("docker_redis")
    if isinstance(in_docker, str):
        yield in_docker
        return
    fail_where_docker_is_required(in_docker)
    # As a Redis in Docker does; of a server that keeps nothing at all, each process would warn.
    with private_server(keeps_data=False, options=("--save", "3600 1")) as server:
        yield server.url


@pytest.fixture(scope="session")
def docker_redis_url(docker_redis: str | NoDockerError) -> str:
    """A server in Docker; without Docker the test is skipped, or fails where POSTDATE_REQUIRE_DOCKER is 1."""
    if isinstance(docker_redis, str):
        return docker_redis
    fail_where_docker_is_required(docker_redis)
    pytest.skip(str(docker_redis))


@pytest.fixture(scope="session")
def docker_redis() -> Iterator[str | NoDockerError]:
    """The URL of the session's one container, or why there is none."""
    with ExitStack() as containers:
        yield started_in(containers)


def started_in(containers: ExitStack) -> str | NoDockerError:
    try:
        return containers.enter_context(redis_in_docker())
    except NoDockerError as why:
        return why


def fail_where_docker_is_required(why: NoDockerError) -> None:
    if DOCKER_IS_REQUIRED:
        pytest.fail(f"POSTDATE_REQUIRE_DOCKER is 1, but {why}", pytrace=False)


@pytest.fixture
def own_server() -> Iterator[PrivateServer]:
    """A server of this test alone, which keeps every write: the test may kill it and start it again."""
    with private_server(keeps_data=True) as server:
        yield server


@pytest.fixture
def namespace() -> str:
    """A prefix for keys that no other test has, and no other user of the server."""
    return f"test-{uuid4().hex}"
