"""Postdate's own server, for when no Redis URL is configured: private to a data folder."""

from __future__ import annotations

from .errors import ServerDidNotStartError
from .server import EmbeddedServer

__all__ = ["EmbeddedServer", "ServerDidNotStartError"]
