"""The port through which randomness enters."""

from __future__ import annotations

from typing import Protocol


class Jitter(Protocol):
    """Draws the random part of a wait."""

    def fraction(self) -> float:
        """Returns a number evenly drawn from 0 inclusive to 1 exclusive."""
        ...
