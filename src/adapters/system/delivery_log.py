"""The delivery log of a process: lines on standard output."""

from __future__ import annotations

import logging
import os
import select

logger = logging.getLogger("postdate.console")


class StandardOutputLog:
    """Writes each message to a file descriptor at once, without a buffer that a crash could lose."""

    def __init__(self, descriptor: int = 1) -> None:
        """Writes to standard output unless another descriptor is given."""
        self._descriptor = descriptor

    def log(self, message: str) -> None:
        """Writes one line, all of it; waits for a reader that is slow."""
        rest = f"{message}\n".encode("utf-8", "backslashreplace")
        while rest:
            rest = rest[self._write(rest) :]

    def error(self, message: str) -> None:
        """Writes to the process's own log."""
        logger.error(message)

    def _write(self, rest: bytes) -> int:
        try:
            return os.write(self._descriptor, rest)
        except BlockingIOError:
            # Somebody who shares the terminal or pipe has made it non-blocking.
            select.select([], [self._descriptor], [])
            return 0
