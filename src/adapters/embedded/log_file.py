"""The server's log file: limited in size, and quoted in the error if the server does not start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAX_LOG_BYTES = 1024 * 1024
_TAIL_BYTES = 4096

# `4756:M 24 Nov 2026 06:30:14.242 * Ready`: process, role, time, level.
_PREFIX = re.compile(r"^\d+:\w .{10,30}\d \W ")


def rotate(log: Path) -> None:
    """Creates the log, readable by its owner alone.

    A log longer than `MAX_LOG_BYTES` is renamed first. It replaces the log that was renamed before.
    """
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_name(log.name + ".1"))
    log.touch(mode=0o600)


def last_line(log: Path) -> str:
    """Returns the last line without its prefix of process, role, time and level; empty if there is no line."""
    lines = _tail(log).split("\n")
    return next((_PREFIX.sub("", line) for line in reversed(lines) if line.strip()), "")


def _tail(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        return file.read().decode(errors="replace")
