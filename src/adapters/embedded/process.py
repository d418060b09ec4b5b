"""The server as a process: started apart from its starter's terminal, reaped when it ends."""

from __future__ import annotations

import subprocess
from threading import Thread
from typing import TYPE_CHECKING

from . import log_file
from .options import server_options

if TYPE_CHECKING:
    from pathlib import Path

    from .folder import DataFolder
    from .locks import FileLock


def launch(binary: Path, folder: DataFolder, lock: FileLock) -> None:
    """Starts the server and hands it the lock, which it holds until it and its children are gone.

    Raises:
        OSError: the binary cannot be run, or the log cannot be written.
    """
    log_file.rotate(folder.log)
    process = _spawn([str(binary), *server_options(folder)], folder, lock)
    # A thread, because asyncio's child processes are killed with their loop, and this one may outlive it.
    Thread(target=process.wait, name="postdate-embedded-reaper", daemon=True).start()


def _spawn(command: list[str], folder: DataFolder, lock: FileLock) -> subprocess.Popen[bytes]:
    with folder.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own binary, our own arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder.path,
            pass_fds=[lock.descriptor],
            # Ctrl-C in the terminal is its owner's, who drains first.
            start_new_session=True,
            umask=0o077,
        )
