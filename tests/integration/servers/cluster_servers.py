"""A cluster of server processes on loopback ports."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from redis.crc import key_slot

from tests.integration.servers.port_servers import HOST, PortServer, free_ports, start_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redis import Redis

MASTERS = 3
NODE_TIMEOUT_MS = 1_000
_SLOTS = 16_384


class ClusterServers:
    """Three masters. Each has a replica if the test needs failovers."""

    def __init__(self, masters: Sequence[PortServer], replicas: Sequence[PortServer]) -> None:
        self.masters = masters
        self._replicas = replicas

    @property
    def url(self) -> str:
        """A URL that names the masters. A client has to discover the replicas."""
        return f"redis+cluster://{','.join(f'{HOST}:{server.port}' for server in self.masters)}"

    @property
    def nodes(self) -> Sequence[PortServer]:
        return (*self.masters, *self._replicas)

    def master_of(self, key: str) -> PortServer:
        """Returns the node that has a key, according to the first node."""
        slot = key_slot(key.encode())
        ranges = self.masters[0].ask("CLUSTER", "SLOTS")
        port = next(master[1] for first, last, master, *_ in ranges if first <= slot <= last)
        return next(node for node in self.nodes if node.port == port)

    def replica_of(self, master: PortServer) -> PortServer:
        return self._replicas[self.masters.index(master)]

    def listener_of(self, channel: str) -> PortServer:
        """Returns a node at which a client has subscribed to a channel."""
        return next(node for node in self.nodes if node.runs and node.ask("PUBSUB", "NUMSUB", channel)[1])

    def replicated(self) -> None:
        """Waits until each replica has all changes that its master has sent so far."""
        for master, replica in zip(self.masters, self._replicas, strict=True):
            master.replicated_to(replica)

    def form(self) -> None:
        """Joins the nodes to a cluster and waits until all of them agree."""
        for number, master in enumerate(self.masters):
            master.ask("CLUSTER", "ADDSLOTSRANGE", _first_slot(number), _first_slot(number + 1) - 1)
            master.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in self.nodes[1:]:
            node.require(lambda client: _has_met(client, self.masters[0].port))
        for node in self.nodes:
            node.require(lambda client: _knows(client, len(self.nodes)))
        for master, replica in zip(self.masters, self._replicas, strict=False):
            replica.ask("CLUSTER", "REPLICATE", master.ask("CLUSTER", "MYID").decode())
        for node in self.nodes:
            node.require(_is_ready)
        for node in self.nodes:
            node.require(lambda client: _sees_replicas(client, len(self._replicas)))


@contextmanager
def cluster_servers(binary: str, *, replicas: bool = False) -> Iterator[ClusterServers]:
    """Runs a cluster of one test, and kills it at the end, in whatever state the test left it.

    Raises:
        ServerDidNotStartError: A node ended at once or does not answer, or the nodes do not form a cluster.
    """
    with tempfile.TemporaryDirectory(prefix="pd-") as folder, ExitStack() as ending:
        ports = free_ports(MASTERS * (1 + replicas))
        nodes = [_node(binary, Path(folder) / str(port), port) for port in ports]
        start_all(nodes, ending)
        cluster = ClusterServers(nodes[:MASTERS], nodes[MASTERS:])
        cluster.form()
        yield cluster


def _node(binary: str, folder: Path, port: int) -> PortServer:
    arguments = (
        *("--port", str(port), "--bind", HOST, "--dir", str(folder), "--save", "", "--appendonly", "no"),
        *("--cluster-enabled", "yes", "--cluster-node-timeout", str(NODE_TIMEOUT_MS)),
        *("--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"),
        # A master announces a replica only after it has sent something to it. Until then the replica counts as
        # empty.
        *("--repl-ping-replica-period", "1"),
    )
    return PortServer(binary, folder, port, arguments)


def _first_slot(number: int) -> int:
    return -(-number * _SLOTS // MASTERS)


def _info_of(client: Redis) -> dict[str, str]:
    raw = client.execute_command("CLUSTER", "INFO").decode()  # type: ignore[no-untyped-call]
    return dict(line.split(":", 1) for line in raw.split())


def _has_met(client: Redis, port: int) -> bool:
    """Returns whether a node knows another one. Repeats MEET, which a node abandons after the node timeout."""
    if _knows(client, 1):
        client.execute_command("CLUSTER", "MEET", HOST, port)  # type: ignore[no-untyped-call]
        return False
    return b"handshake" not in client.execute_command("CLUSTER", "NODES")  # type: ignore[no-untyped-call]


def _knows(client: Redis, count: int) -> bool:
    return int(_info_of(client)["cluster_known_nodes"]) == count


def _is_ready(client: Redis) -> bool:
    """Returns whether a node reports a working cluster and, if it is a replica, has its master's data."""
    replication = client.info("replication")
    return _info_of(client)["cluster_state"] == "ok" and replication.get("master_link_status", "up") == "up"


def _sees_replicas(client: Redis, count: int) -> bool:
    ranges = client.execute_command("CLUSTER", "SLOTS")  # type: ignore[no-untyped-call]
    return sum(len(nodes) - 1 for _, _, *nodes in ranges) == count
