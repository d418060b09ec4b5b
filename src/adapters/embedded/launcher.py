"""Launches the server as a process that is independent of the terminal and reaped when it ends."""

from __future__ import annotations

import subprocess
from threading import Thread
from typing import TYPE_CHECKING

from . import log_file
from .options import server_options

if TYPE_CHECKING:
    from pathlib import Path

    from .data_folder import DataFolder
    from .file_lock import FileLock


def launch(binary: Path, folder: DataFolder, lock: FileLock) -> None:
    """Launches the server with a lock that it inherits and holds until it and its child processes have ended.

    Raises:
        OSError: The binary cannot be run, or the log cannot be written.
    """
    log_file.rotate(folder.log)
    process = _start([str(binary), *server_options(folder)], folder, lock)
    # A thread waits for the process: asyncio kills its child processes with the event loop, and the server may
    # outlive the loop.
    Thread(target=process.wait, name="postdate-embedded-reaper", daemon=True).start()


def _start(command: list[str], folder: DataFolder, lock: FileLock) -> subprocess.Popen[bytes]:
    with folder.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own binary, our own arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.path,
            pass_fds=[lock.descriptor],
            # Ctrl-C in the terminal must reach Postdate alone: Postdate still needs the server while it drains.
            start_new_session=True,
            umask=0o077,
        )
