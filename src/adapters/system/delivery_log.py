"""The delivery log of a process: lines on standard output."""

from __future__ import annotations

import logging
import os
import select

from .terminal_text import terminal_text

logger = logging.getLogger("postdate.console")


class StandardOutputLog:
    """Writes each message to a file descriptor at once, without a buffer that a crash could lose.

    A terminal gets control characters as escapes, because it would obey them. Any other output gets every byte of
    a message unchanged.
    """

    def __init__(self, descriptor: int = 1) -> None:
        """Writes to standard output unless another descriptor is given."""
        self._descriptor = descriptor
        self._is_terminal = os.isatty(descriptor)

    def log(self, message: str) -> None:
        """Writes one line, all of it; waits for a reader that is slow."""
        text = terminal_text(message) if self._is_terminal else message
        rest = f"{text}\n".encode("utf-8", "backslashreplace")
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
