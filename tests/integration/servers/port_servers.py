"""Server processes on loopback ports, for what a unix socket cannot do: clusters, sentinels, TLS."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from tests.integration.servers.private_server import ServerDidNotStartError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

T = TypeVar("T")

HOST = "127.0.0.1"
BUS_OFFSET = 10_000
"""How far above its port a node of a cluster listens for the others."""
_LOWEST_PORT, _HIGHEST_PORT = 20_000, 32_000
"""Below what the kernel gives out by itself."""
_SECONDS_BETWEEN_LOOKS = 0.02
_LOOKS_BEFORE_GIVING_UP = 1_500
_SECONDS_TO_STOP = 10

# Elsewhere in each process, as tests of several may run at once.
_next_port = _LOWEST_PORT + os.getpid() * 97 % (_HIGHEST_PORT - _LOWEST_PORT)


class PortServer:
    """A server process that may go away, hang, and come back with the same port and folder."""

    def __init__(
        self,
        binary: str,
        folder: Path,
        port: int,
        arguments: Sequence[str],
        client: Mapping[str, Any] | None = None,
    ) -> None:
        """Takes what is given to the binary, and how else than by host and port a client connects."""
        self.port = port
        self._folder = folder
        self._command = (binary, *arguments)
        self._client = client or {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, and returns when it answers.

        Raises:
            ServerDidNotStartError: It ended at once, or does not answer.
        """
        self._folder.mkdir(exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder
            )
        if not self.comes_to(lambda client: client.ping()):
            self.kill()
            raise ServerDidNotStartError(self._log.read_text())

    def kill(self) -> None:
        """Ends it as a crash would; nothing if it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_SECONDS_TO_STOP)
            self._process = None

    def pause(self) -> None:
        """Has it hang: its connections stay, and nobody answers."""
        self._running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._running.send_signal(signal.SIGCONT)

    @property
    def runs(self) -> bool:
        return self._process is not None

    def ask(self, *words: str | int) -> Any:  # noqa: ANN401 - answers differ
        with self.client() as client:
            return client.execute_command(*words)

    def client(self) -> Redis:
        retry = Retry(NoBackoff(), retries=0)
        return Redis(host=HOST, port=self.port, retry=retry, socket_timeout=5, **self._client)

    def comes_to(self, condition: Callable[[Redis], object]) -> bool:
        """Asks until the answer is a true one; returns whether one was, before patience or the server ended."""
        for _ in range(_LOOKS_BEFORE_GIVING_UP):
            with suppress(RedisError), self.client() as client:
                if condition(client):
                    return True
            if self._ends_within(_SECONDS_BETWEEN_LOOKS):
                return False
        return False

    def replicated_to(self, replica: PortServer) -> None:
        """Returns when a replica has all that this server has said so far."""
        with self.client() as client:
            offset = int(client.info("replication")["master_repl_offset"])
        replica.require(lambda client: int(client.info("replication")["slave_repl_offset"]) >= offset)

    def require(self, condition: Callable[[Redis], object]) -> None:
        if not self.comes_to(condition):
            raise ServerDidNotStartError(self._log.read_text() if self._log.exists() else "")

    def _ends_within(self, seconds: float) -> bool:
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server does not run"
        return self._process

    @property
    def _log(self) -> Path:
        return self._folder / "log"


@contextmanager
def port_server(
    binary: str, *arguments: str, port_argument: str = "--port", client: Mapping[str, Any] | None = None
) -> Iterator[PortServer]:
    """Runs a server that keeps nothing, and ends it, in whatever state a test left it.

    Raises:
        ServerDidNotStartError: It ended at once, or does not answer.
    """
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="pd-") as folder:
        given = (port_argument, str(port), "--bind", HOST, "--save", "", "--appendonly", "no", *arguments)
        server = PortServer(binary, Path(folder), port, given, client)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def start_all(servers: Sequence[PortServer], ending: ExitStack) -> None:
    """Starts servers and has each of them end with the stack, in whatever state a test left it."""
    for server in servers:
        ending.callback(server.kill)
        server.start()


def free_ports(count: int) -> list[int]:
    """Returns ports on which nobody listens, nor above them where the bus of a cluster would be.

    Each is given out once, so that servers which are to be started do not get each other's.
    """
    ports: list[int] = []
    global _next_port  # noqa: PLW0603 - what was given out must be known to all who ask
    while len(ports) < count:
        _next_port = _next_port + 1 if _next_port < _HIGHEST_PORT else _LOWEST_PORT
        if _is_free(_next_port) and _is_free(_next_port + BUS_OFFSET):
            ports.append(_next_port)
    return ports


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
