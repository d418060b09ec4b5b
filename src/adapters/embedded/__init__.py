"""The embedded store: a server of one data folder, which Postdate runs itself if no Redis URL is configured."""

from __future__ import annotations

from .embedded_server import EmbeddedServer
from .server_errors import ServerDidNotStartError

__all__ = ["EmbeddedServer", "ServerDidNotStartError"]
