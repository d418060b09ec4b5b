"""Jitter from the interpreter's random numbers."""

from __future__ import annotations

import random


class RandomJitter:
    """Draws from a pseudo-random generator seeded by the operating system."""

    def __init__(self) -> None:
        self._random = random.Random()  # noqa: S311  # spreads load; guards no secret

    def fraction(self) -> float:
        """Returns an evenly drawn number in [0, 1)."""
        return self._random.random()
