"""The data folder of the embedded store: the files in it, and the check that it can be used."""

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

# The size of `sun_path` in the kernels' socket addresses, less its final zero byte.
MAX_SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107

# A server with less free space would start and then end at one of its first writes, again and again.
MIN_FREE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder with the files of the server and the locks of its users."""

    path: Path

    @property
    def socket(self) -> Path:
        """The socket on which the server listens."""
        return self.path / "valkey.sock"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.path / "server.log"

    @property
    def start_lock(self) -> Path:
        """The lock that a user holds exclusively while it joins or leaves."""
        return self.path / "start.lock"

    @property
    def users_lock(self) -> Path:
        """The lock that every user of the server holds shared."""
        return self.path / "users.lock"

    @property
    def server_lock(self) -> Path:
        """The lock that the server itself holds as long as it, or a child process of it, runs."""
        return self.path / "server.lock"

    def prepare(self) -> None:
        """Creates the folder if it does not exist, and checks that it can be written.

        Raises:
            ConfigurationError: The folder cannot be created or written, its file system is full, or its path is
                too long for a socket.
        """
        self._check_length()
        self._create()
        self._check_writable()

    def _check_length(self) -> None:
        length = len(os.fsencode(self.socket))
        if length > MAX_SOCKET_PATH_BYTES:
            problem = (
                f"is too long: its socket {self.socket} has {length} bytes, at most {MAX_SOCKET_PATH_BYTES} fit"
            )
            raise ConfigurationError(DATA_DIR, problem)

    def _create(self) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except FileExistsError as error:
            raise ConfigurationError(DATA_DIR, f"{self.path} is not a folder") from error
        except OSError as error:
            raise ConfigurationError(DATA_DIR, f"{self.path} cannot be created: {error.strerror}") from error

    def _check_writable(self) -> None:
        # Only writing a file covers permission bits, read-only mounts and quotas together.
        try:
            with tempfile.TemporaryFile(dir=self.path) as file:
                file.write(bytes(MIN_FREE_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ConfigurationError(DATA_DIR, f"{self.path} is not writable: {error.strerror}") from error
