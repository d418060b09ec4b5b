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
    """Three masters, each with a replica where a test wants failovers."""

    def __init__(self, masters: Sequence[PortServer], replicas: Sequence[PortServer]) -> None:
        self.masters = masters
        self._replicas = replicas

    @property
    def url(self) -> str:
        """Names the masters; replicas are to be found out."""
        return f"redis+cluster://{','.join(f'{HOST}:{server.port}' for server in self.masters)}"

    @property
    def nodes(self) -> Sequence[PortServer]:
        return (*self.masters, *self._replicas)

    def master_of(self, key: str) -> PortServer:
        """Returns the node that has a key, as the first node knows it."""
        slot = key_slot(key.encode())
        ranges = self.masters[0].ask("CLUSTER", "SLOTS")
        port = next(master[1] for first, last, master, *_ in ranges if first <= slot <= last)
        return next(node for node in self.nodes if node.port == port)

    def replica_of(self, master: PortServer) -> PortServer:
        return self._replicas[self.masters.index(master)]

    def listener_of(self, channel: str) -> PortServer:
        """Returns the node at which somebody has subscribed to a channel."""
        return next(node for node in self.nodes if node.runs and node.ask("PUBSUB", "NUMSUB", channel)[1])

    def replicated(self) -> None:
        """Returns when each replica has all that its master has said so far."""
        for master, replica in zip(self.masters, self._replicas, strict=True):
            master.replicated_to(replica)

    def form(self) -> None:
        """Makes a cluster of nodes that do not know each other, and returns when all agree."""
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
            node.require(_is_well)
        for node in self.nodes:
            node.require(lambda client: _sees_replicas(client, len(self._replicas)))


@contextmanager
def cluster_servers(binary: str, *, replicas: bool = False) -> Iterator[ClusterServers]:
    """Runs a cluster of the test's own, and ends it, in whatever state the test left it.

    Raises:
        ServerDidNotStartError: A node ended at once, or does not answer, or they do not come together.
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
        # A replica is not told of before it was sent something: until then it counts as empty.
        *("--repl-ping-replica-period", "1"),
    )
    return PortServer(binary, folder, port, arguments)


def _first_slot(number: int) -> int:
    return -(-number * _SLOTS // MASTERS)


def _info_of(client: Redis) -> dict[str, str]:
    raw = client.execute_command("CLUSTER", "INFO").decode()  # type: ignore[no-untyped-call]
    return dict(line.split(":", 1) for line in raw.split())


def _has_met(client: Redis, port: int) -> bool:
    """Whether it knows another node. It gives up meeting one that does not answer within the timeout of a node."""
    if _knows(client, 1):
        client.execute_command("CLUSTER", "MEET", HOST, port)  # type: ignore[no-untyped-call]
        return False
    return b"handshake" not in client.execute_command("CLUSTER", "NODES")  # type: ignore[no-untyped-call]


def _knows(client: Redis, count: int) -> bool:
    return int(_info_of(client)["cluster_known_nodes"]) == count


def _is_well(client: Redis) -> bool:
    """Whether it finds its cluster well, and has its data if it is a replica."""
    replication = client.info("replication")
    return _info_of(client)["cluster_state"] == "ok" and replication.get("master_link_status", "up") == "up"


def _sees_replicas(client: Redis, count: int) -> bool:
    ranges = client.execute_command("CLUSTER", "SLOTS")  # type: ignore[no-untyped-call]
    return sum(len(nodes) - 1 for _, _, *nodes in ranges) == count
