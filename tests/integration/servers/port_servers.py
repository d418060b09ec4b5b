"""Server processes on loopback ports, for clusters, sentinels and TLS, which need TCP."""

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
"""The port of the cluster bus is that much higher than the port for clients."""
_LOWEST_PORT, _HIGHEST_PORT = 20_000, 32_000
"""Below the range from which the kernel assigns ports."""
_POLL_SECONDS = 0.02
_MAX_POLLS = 1_500
_MAX_STOP_SECONDS = 10

# Different in each process, because several test processes may run at the same time.
_next_port = _LOWEST_PORT + os.getpid() * 97 % (_HIGHEST_PORT - _LOWEST_PORT)


class PortServer:
    """A server process that a test can kill, pause and restart with the same port and folder."""

    def __init__(
        self,
        binary: str,
        folder: Path,
        port: int,
        arguments: Sequence[str],
        client: Mapping[str, Any] | None = None,
    ) -> None:
        """Creates a server that is not started.

        Args:
            binary: The server binary.
            folder: The folder of the server.
            port: The port at which it listens.
            arguments: The arguments of the binary.
            client: Further arguments of a client, besides host and port.
        """
        self.port = port
        self._folder = folder
        self._command = (binary, *arguments)
        self._client = client or {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the server and waits until it answers.

        Raises:
            ServerDidNotStartError: The server ended at once or does not answer.
        """
        self._folder.mkdir(exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own arguments
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder
            )
        if not self._reaches(lambda client: client.ping()):
            self.kill()
            raise ServerDidNotStartError(self._log.read_text())

    def kill(self) -> None:
        """Kills the server, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_MAX_STOP_SECONDS)
            self._process = None

    def pause(self) -> None:
        """Makes the server hang: its connections stay open, but it does not answer."""
        self._running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._running.send_signal(signal.SIGCONT)

    @property
    def runs(self) -> bool:
        return self._process is not None

    def ask(self, *arguments: str | int) -> Any:  # noqa: ANN401 - answers differ
        with self.client() as client:
            return client.execute_command(*arguments)

    def client(self) -> Redis:
        retry = Retry(NoBackoff(), retries=0)
        return Redis(host=HOST, port=self.port, retry=retry, socket_timeout=5, **self._client)

    def _reaches(self, condition: Callable[[Redis], object]) -> bool:
        """Polls until a condition holds. Returns false if it does not hold in time or the server ends."""
        for _ in range(_MAX_POLLS):
            with suppress(RedisError), self.client() as client:
                if condition(client):
                    return True
            if self._ends_within(_POLL_SECONDS):
                return False
        return False

    def replicated_to(self, replica: PortServer) -> None:
        """Waits until a replica has all changes that this server has sent so far."""
        with self.client() as client:
            offset = int(client.info("replication")["master_repl_offset"])
        replica.require(lambda client: int(client.info("replication")["slave_repl_offset"]) >= offset)

    def require(self, condition: Callable[[Redis], object]) -> None:
        if not self._reaches(condition):
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
    """Runs a server without persistence, and kills it at the end, in whatever state the test left it.

    Raises:
        ServerDidNotStartError: The server ended at once or does not answer.
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
    """Starts servers. Each of them is killed when the stack ends, in whatever state the test left it."""
    for server in servers:
        ending.callback(server.kill)
        server.start()


def free_ports(count: int) -> list[int]:
    """Returns ports that are free, as are the ports of the cluster bus that belong to them.

    Each port is returned once per process, so that servers that have not started yet get different ports.
    """
    ports: list[int] = []
    global _next_port  # noqa: PLW0603 - all callers share the ports that were returned
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
