"""A primary, its replica and three sentinels, as processes on loopback ports."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.servers.port_servers import HOST, PortServer, free_ports, start_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redis import Redis

SERVICE = "postdate"
SENTINELS = 3
DOWN_AFTER_MS = 1_000
SENTINEL_PASSWORD = "hush"  # noqa: S105 - it protects nothing


class SentinelServers:
    """A primary, its replica, and the sentinels that monitor them."""

    def __init__(self, primary: PortServer, replica: PortServer, sentinels: Sequence[PortServer]) -> None:
        self.primary = primary
        self.replica = replica
        self.sentinels = sentinels

    @property
    def url(self) -> str:
        hosts = ",".join(f"{HOST}:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}/0?sentinel_password={SENTINEL_PASSWORD}"

    def form(self) -> None:
        """Waits until the replica has the primary's data and each sentinel knows all servers and sentinels."""
        self.replica.require(lambda client: client.info("replication").get("master_link_status") == "up")
        for sentinel in self.sentinels:
            sentinel.ask("SENTINEL", "DEBUG", "PUBLISH-PERIOD", 100, "INFO-PERIOD", 100)
        for sentinel in self.sentinels:
            sentinel.require(_knows_all)
        for sentinel in self.sentinels:
            # The default periods: the old primary learns of a failover four periods later.
            sentinel.ask("SENTINEL", "DEBUG", "PUBLISH-PERIOD", 2000, "INFO-PERIOD", 10000)

    def replicated(self) -> None:
        """Waits until the replica has all changes that the primary has sent so far."""
        self.primary.replicated_to(self.replica)

    def switch(self) -> None:
        """Makes the replica the primary. The old primary learns of this much later."""
        self.sentinels[0].ask("SENTINEL", "FAILOVER", SERVICE)
        self.replica.require(lambda client: client.info("replication")["role"] == "master")
        self.primary.require(lambda client: client.info("replication")["connected_slaves"] == 0)


@contextmanager
def sentinel_servers(binary: str) -> Iterator[SentinelServers]:
    """Runs the servers and sentinels of one test, and kills them at the end, in whatever state the test left them.

    Raises:
        ServerDidNotStartError: A process ended at once or does not answer, or the processes do not find each
            other.
    """
    with tempfile.TemporaryDirectory(prefix="pd-") as folder, ExitStack() as ending:
        primary_port, replica_port, *sentinel_ports = free_ports(2 + SENTINELS)
        primary = _server(binary, Path(folder), primary_port)
        replica = _server(binary, Path(folder), replica_port, "--replicaof", f"{HOST} {primary_port}")
        start_all((primary, replica), ending)
        sentinels = [_sentinel(binary, Path(folder), port, primary_port) for port in sentinel_ports]
        start_all(sentinels, ending)
        servers = SentinelServers(primary, replica, sentinels)
        servers.form()
        yield servers


def _server(binary: str, folder: Path, port: int, *more: str) -> PortServer:
    own = folder / str(port)
    arguments = (
        *("--port", str(port), "--bind", HOST, "--dir", str(own), "--save", "", "--appendonly", "no"),
        *("--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1", *more),
    )
    return PortServer(binary, own, port, arguments)


def _sentinel(binary: str, folder: Path, port: int, primary_port: int) -> PortServer:
    own = folder / str(port)
    own.mkdir()
    (own / "sentinel.conf").write_text(
        f"port {port}\nbind {HOST}\ndir {own}\nrequirepass {SENTINEL_PASSWORD}\n"
        f"sentinel sentinel-pass {SENTINEL_PASSWORD}\n"
        f"sentinel monitor {SERVICE} {HOST} {primary_port} 2\n"
        f"sentinel down-after-milliseconds {SERVICE} {DOWN_AFTER_MS}\n"
        f"sentinel failover-timeout {SERVICE} 3000\n"
    )
    return PortServer(
        binary, own, port, (str(own / "sentinel.conf"), "--sentinel"), client={"password": SENTINEL_PASSWORD}
    )


def _knows_all(client: Redis) -> bool:
    state: Any = client.sentinel_master(SERVICE)
    return bool(state["num-slaves"] == 1 and state["num-other-sentinels"] == SENTINELS - 1)
