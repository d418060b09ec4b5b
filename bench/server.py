"""The server of a benchmark, on a unix socket in a temporary folder."""

from __future__ import annotations

import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import redis

from postdate.adapters.embedded.binary import find_binary

if TYPE_CHECKING:
    from collections.abc import Iterator

PERSISTENCE = {
    "none": ("--appendonly", "no"),
    "everysec": ("--appendonly", "yes", "--appendfsync", "everysec"),
    "always": ("--appendonly", "yes", "--appendfsync", "always"),
}
START_TIMEOUT_SECONDS = 10


@contextmanager
def running_server(persistence: str) -> Iterator[str]:
    """Runs a server with the given persistence within the context, and yields its URL."""
    with tempfile.TemporaryDirectory(prefix="pdb") as folder:
        socket = Path(folder) / "s"
        options = ("--port", "0", "--unixsocket", str(socket), "--dir", folder, "--save", "")
        process = subprocess.Popen([find_binary(), *options, *PERSISTENCE[persistence]], stdout=subprocess.DEVNULL)
        try:
            _wait_for(f"unix://{socket}")
            yield f"unix://{socket}"
        finally:
            process.terminate()
            process.wait()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    with redis.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return
