"""How much of the finished past is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How much of the finished past is kept, in each partition. The dead are kept apart from it, all of them.

    Attributes:
        age: what ended so long ago, or longer, is forgotten.
        count: of what is left, the latest so many are kept.
    """

    age: timedelta = timedelta(days=1)
    count: int = 10_000


DEFAULT_RETENTION = Retention()
