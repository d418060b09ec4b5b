"""Encrypted connections to servers whose certificates are signed by an authority of the test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import trustme

from postdate.adapters.redis.connection.client import connect
from postdate.domain.errors import StoreUnavailableError
from tests.contracts.world import ids_of
from tests.integration.redis.conftest import world_on
from tests.integration.servers.port_servers import HOST, PortServer, free_ports, port_server
from tests.integration.servers.private_server import ServerDidNotStartError, server_binaries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from postdate.adapters.redis.keys import KeySpace

CLIENT = {"ssl": True, "ssl_check_hostname": False, "ssl_cert_reqs": "none"}
ERRORS_WITHOUT_TLS = ("Failed finding TLS support", "Bad directive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """The files of an authority and of a server whose certificate it has signed."""

    authority: Path
    certificate: Path
    key: Path

    @property
    def arguments(self) -> tuple[str, ...]:
        return (
            *("--tls-ca-cert-file", str(self.authority), "--tls-cert-file", str(self.certificate)),
            *("--tls-key-file", str(self.key), "--tls-auth-clients", "no"),
        )


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert(HOST)
    files = Certificates(authority=folder / "ca.pem", certificate=folder / "server.pem", key=folder / "server.key")
    authority.cert_pem.write_to_path(str(files.authority))
    issued.private_key_pem.write_to_path(str(files.key))
    for part in issued.cert_chain_pems:
        part.write_to_path(str(files.certificate), append=True)
    return files


@pytest.fixture(scope="module")
def binary(certificates: Certificates) -> str:
    """The first server binary that was built with TLS. Without one the tests are skipped."""
    for binary in server_binaries().values():
        if supports_tls(binary, certificates):
            return binary
    pytest.skip(f"none of these was built with TLS: {', '.join(server_binaries())}")


def supports_tls(binary: str, certificates: Certificates) -> bool:
    try:
        with tls_server(binary, certificates):
            return True
    except ServerDidNotStartError as error:
        if not any(text in str(error) for text in ERRORS_WITHOUT_TLS):
            raise
        return False


@pytest.fixture(scope="module")
def server(binary: str, certificates: Certificates) -> Iterator[PortServer]:
    with tls_server(binary, certificates) as server:
        yield server


def tls_server(binary: str, certificates: Certificates, *more: str) -> AbstractContextManager[PortServer]:
    arguments = ("--port", "0", *certificates.arguments, *more)
    return port_server(binary, *arguments, port_argument="--tls-port", client=CLIENT)


async def serves(url: str, keys: KeySpace) -> bool:
    async with connect(url) as client:
        world = world_on(client, keys)
        message = await world.added()
        return ids_of(await world.claim(await world.lease())) == [message.id]


@pytest.mark.parametrize("scheme", ["rediss", "valkeys"])
async def test_a_server_with_a_certificate_of_a_known_authority_is_trusted(
    server: PortServer, certificates: Certificates, keys: KeySpace, scheme: str
) -> None:
    assert await serves(f"{scheme}://{HOST}:{server.port}?ssl_ca_certs={certificates.authority}", keys)


async def test_a_server_with_a_certificate_of_an_unknown_authority_is_refused(
    server: PortServer, keys: KeySpace
) -> None:
    with pytest.raises(StoreUnavailableError, match="certificate"):
        await serves(f"rediss://{HOST}:{server.port}", keys)


async def test_a_certificate_for_another_host_is_refused(
    server: PortServer, certificates: Certificates, keys: KeySpace
) -> None:
    url = f"rediss://localhost:{server.port}?ssl_ca_certs={certificates.authority}"
    with pytest.raises(StoreUnavailableError, match="certificate verify failed"):
        await serves(url, keys)
    assert await serves(f"{url}&ssl_check_hostname=false", keys)


async def test_connections_to_the_nodes_of_a_cluster_are_encrypted(
    binary: str, certificates: Certificates, keys: KeySpace
) -> None:
    with tls_server(binary, certificates, "--cluster-enabled", "yes", "--tls-cluster", "yes") as node:
        node.ask("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
        node.require(lambda client: b"cluster_state:ok" in client.execute_command("CLUSTER", "INFO"))  # type: ignore[no-untyped-call]
        assert await serves(f"rediss+cluster://{HOST}:{node.port}?ssl_ca_certs={certificates.authority}", keys)


async def test_connections_to_sentinels_are_encrypted(
    server: PortServer, binary: str, certificates: Certificates, keys: KeySpace, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    configuration = tmp_path / "sentinel.conf"
    configuration.write_text(
        f"port 0\ntls-port {port}\nbind {HOST}\ntls-replication yes\ntls-auth-clients no\n"
        f"tls-ca-cert-file {certificates.authority}\ntls-cert-file {certificates.certificate}\n"
        f"tls-key-file {certificates.key}\nsentinel monitor postdate {HOST} {server.port} 1\n"
    )
    sentinel = PortServer(binary, tmp_path, port, (str(configuration), "--sentinel"), CLIENT)
    sentinel.start()
    try:
        url = f"rediss+sentinel://{HOST}:{port}/postdate?ssl_ca_certs={certificates.authority}"
        assert await serves(url, keys)
    finally:
        sentinel.kill()
