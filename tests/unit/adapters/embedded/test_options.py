from __future__ import annotations

from pathlib import Path

from postdate.adapters.embedded.data_folder import DataFolder
from postdate.adapters.embedded.options import server_options
from postdate.application.delivery.loop_settings import LoopSettings

OPTIONS = server_options(DataFolder(Path("/data")))


def test_every_write_is_on_disk_before_it_is_acknowledged() -> None:
    options = dict(zip(OPTIONS[::2], OPTIONS[1::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "always"
    assert options["--save"] == ""
    assert options["--maxmemory-policy"] == "noeviction"


def test_the_claims_of_one_batch_are_more_than_a_listpack_holds() -> None:
    options = dict(zip(OPTIONS[::2], OPTIONS[1::2], strict=True))
    assert int(options["--hash-max-listpack-entries"]) < LoopSettings().batch_size


def test_the_server_listens_on_a_private_socket_only() -> None:
    options = dict(zip(OPTIONS[::2], OPTIONS[1::2], strict=True))
    assert options["--port"] == "0"
    assert options["--unixsocket"] == "/data/valkey.sock"
    assert options["--unixsocketperm"] == "700"


def test_the_server_reads_no_configuration_file() -> None:
    # The server would read a first argument that is not an option as the path of a configuration file.
    assert all(name.startswith("--") for name in OPTIONS[::2])
