"""The server's own log: kept short, and quoted when the server fails."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_BYTES = 1024 * 1024
_TAIL_BYTES = 4096

# `4756:M 24 Nov 2026 06:30:14.242 * Ready`: process, role, time, level.
_STAMP = re.compile(r"^\d+:\w .{10,30}\d \W ")


def rotate(log: Path) -> None:
    """Makes the log, for its owner's eyes; one that has grown too long replaces the one set aside before."""
    if log.exists() and log.stat().st_size > LIMIT_BYTES:
        log.replace(log.with_name(log.name + ".1"))
    log.touch(mode=0o600)


def last_line(log: Path) -> str:
    """Quotes the last line without its stamp; empty when there is none."""
    lines = _tail(log).split("\n")
    return next((_STAMP.sub("", line) for line in reversed(lines) if line.strip()), "")


def _tail(log: Path) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        return file.read().decode(errors="replace")
