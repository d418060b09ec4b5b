"""The data folder: what lies in it, and whether it can be worked with."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...domain.errors import ConfigurationError
from .server_errors import DATA_DIR

if TYPE_CHECKING:
    from pathlib import Path

# `sun_path` of the kernels' socket addresses, less the zero at its end.
SOCKET_PATH_LIMIT_BYTES = 103 if sys.platform == "darwin" else 107

# A server that finds less would start and then end at one of its first writes, over and over.
ROOM_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where the server keeps its files, and its users their locks."""

    path: Path

    @property
    def socket(self) -> Path:
        """Where the server listens."""
        return self.path / "valkey.sock"

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.path / "server.log"

    @property
    def start_lock(self) -> Path:
        """Held, alone, by whoever is joining or leaving."""
        return self.path / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Held, together, by every user of the server."""
        return self.path / "users.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server itself for as long as it, or a child of it, lives."""
        return self.path / "server.lock"

    def prepare(self) -> None:
        """Makes the folder unless it is there, and writes to it.

        Raises:
            ConfigurationError: it cannot be made or written, is full, or its path is too long for a socket.
        """
        self._check_length()
        self._create()
        self._write()

    def _check_length(self) -> None:
        length = len(os.fsencode(self.socket))
        if length > SOCKET_PATH_LIMIT_BYTES:
            fault = f"is too long: its socket {self.socket} takes {length} bytes of {SOCKET_PATH_LIMIT_BYTES}"
            raise ConfigurationError(DATA_DIR, fault)

    def _create(self) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except FileExistsError as fault:
            raise ConfigurationError(DATA_DIR, f"{self.path} is not a folder") from fault
        except OSError as fault:
            raise ConfigurationError(DATA_DIR, f"{self.path} cannot be created: {fault.strerror}") from fault

    def _write(self) -> None:
        # Permission bits, read-only mounts, quotas: only a file that was written answers for all of them.
        try:
            with tempfile.TemporaryFile(dir=self.path) as file:
                file.write(bytes(ROOM_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except OSError as fault:
            raise ConfigurationError(DATA_DIR, f"{self.path} is not writable: {fault.strerror}") from fault
