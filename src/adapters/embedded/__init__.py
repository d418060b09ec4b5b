"""Postdate's own server, for when no Redis URL is configured: private to a data folder."""

from __future__ import annotations

from .server import EmbeddedServer
from .server_errors import ServerDidNotStartError

__all__ = ["EmbeddedServer", "ServerDidNotStartError"]
