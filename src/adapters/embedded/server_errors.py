"""What can go wrong with the embedded server besides its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...domain.errors import PostdateError

if TYPE_CHECKING:
    from pathlib import Path


# The variables that a ConfigurationError of this package may name.
DATA_DIR = "POSTDATE_DATA_DIR"
REDIS_URL = "POSTDATE_REDIS_URL"


class ServerDidNotStartError(PostdateError):
    """The embedded server ended, or gave no sign of life, before it could be used.

    Attributes:
        fault: what happened, as the end of a sentence about the server.
        log: where the server says more.
        last_line: the last it said there, without its stamp; empty when it said nothing.
    """

    def __init__(self, fault: str, *, log: Path, last_line: str) -> None:
        """Builds a sentence that ends with the server's own words."""
        words = f": {last_line}" if last_line else ""
        super().__init__(f"the embedded server {fault}; see {log}{words}")
        self.fault = fault
        self.log = log
        self.last_line = last_line
