"""The configuration of the embedded server. Valkey 9 and Debian's Redis 7.0 both know each of its options."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .data_folder import DataFolder


def server_options(folder: DataFolder) -> list[str]:
    """Returns the whole configuration as arguments, so that the server reads no configuration file."""
    options = {**_ACCESS, **_DURABILITY, **_SPEED, **_paths(folder)}
    return [argument for name, value in options.items() for argument in (f"--{name}", value)]


_ACCESS = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "no",
    "supervised": "no",
}

_DURABILITY = {
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    # A crash can leave an incomplete last write, which the server never acknowledged.
    "aof-load-truncated": "yes",
    "save": "",
    "maxmemory-policy": "noeviction",
}

_SPEED = {
    # The server searches a hash of up to this many fields from its beginning. With the default of 512, a claim of
    # 500 messages cost the server 5.4 µs per message instead of 2.4 µs.
    "hash-max-listpack-entries": "64",
}


def _paths(folder: DataFolder) -> dict[str, str]:
    return {
        "dir": str(folder.path),
        "unixsocket": str(folder.socket),
        "logfile": str(folder.log),
    }
