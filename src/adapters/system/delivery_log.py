"""The delivery log on standard output, one line per message."""

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
        """Creates a log that writes to a descriptor. The default is standard output."""
        self._descriptor = descriptor
        self._is_terminal = os.isatty(descriptor)

    def log(self, message: str) -> None:
        """Writes one complete line. Waits for a slow reader.

        Raises:
            OSError: The line cannot be written, for example because the reader has closed the pipe.
        """
        text = terminal_text(message) if self._is_terminal else message
        rest = f"{text}\n".encode("utf-8", "backslashreplace")
        while rest:
            rest = rest[self._write(rest) :]

    def error(self, message: str) -> None:
        """Writes an error to the log of the process."""
        logger.error(message)

    def _write(self, rest: bytes) -> int:
        try:
            return os.write(self._descriptor, rest)
        except BlockingIOError:
            # Another process that shares the terminal or pipe has made it non-blocking.
            select.select([], [self._descriptor], [])
            return 0
