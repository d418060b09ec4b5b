"""The errors of the embedded server, and the variables that its configuration errors name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import PostdateError

if TYPE_CHECKING:
    from pathlib import Path


DATA_DIR = "POSTDATE_DATA_DIR"
REDIS_URL = "POSTDATE_REDIS_URL"


class ServerDidNotStartError(PostdateError):
    """The embedded server ended or did not answer before it could be used.

    Attributes:
        problem: What happened, as the end of a sentence about the server.
        log: The server's log file.
        last_line: The last line of the log, without its prefix; empty if the log is empty.
    """

    def __init__(self, problem: str, *, log: Path, last_line: str) -> None:
        """Builds a sentence that ends with the last line of the log."""
        quoted = f": {last_line}" if last_line else ""
        super().__init__(f"the embedded server {problem}; see {log}{quoted}")
        self.problem = problem
        self.log = log
        self.last_line = last_line
