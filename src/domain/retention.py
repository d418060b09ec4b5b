"""Retention: which ended messages are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Which ended messages each partition keeps. Dead messages are not subject to it: all of them are kept.

    Attributes:
        age: A message is deleted once it ended this long ago.
        count: How many of the other ended messages are kept: the latest.
    """

    age: timedelta = timedelta(days=1)
    count: int = 10_000


DEFAULT_RETENTION = Retention()
