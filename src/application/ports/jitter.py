"""The port for random numbers."""

from __future__ import annotations

from typing import Protocol


class Jitter(Protocol):
    """Draws the random part of a wait."""

    def fraction(self) -> float:
        """Returns a uniformly distributed number from 0 (inclusive) to 1 (exclusive)."""
        ...
