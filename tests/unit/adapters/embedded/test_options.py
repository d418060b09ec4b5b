from __future__ import annotations

from pathlib import Path

from postdate.adapters.embedded.folder import DataFolder
from postdate.adapters.embedded.options import server_options
from postdate.application.delivery.loop_settings import LoopSettings

OPTIONS = server_options(DataFolder(Path("/data")))


def test_every_write_is_on_disk_before_it_is_acknowledged() -> None:
    options = dict(zip(OPTIONS[::2], OPTIONS[1::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "always"
    assert options["--save"] == ""
    assert options["--maxmemory-policy"] == "noeviction"


def test_what_one_batch_claims_is_not_searched_from_its_beginning() -> None:
    options = dict(zip(OPTIONS[::2], OPTIONS[1::2], strict=True))
    assert int(options["--hash-max-listpack-entries"]) < LoopSettings().batch_size


def test_only_a_private_socket_leads_to_the_server() -> None:
    options = dict(zip(OPTIONS[::2], OPTIONS[1::2], strict=True))
    assert options["--port"] == "0"
    assert options["--unixsocket"] == "/data/valkey.sock"
    assert options["--unixsocketperm"] == "700"


def test_nothing_is_read_from_a_configuration_file() -> None:
    # A first argument that is no option would be one.
    assert all(name.startswith("--") for name in OPTIONS[::2])
