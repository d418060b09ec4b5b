"""Jitter from pseudo-random numbers."""

from __future__ import annotations

import random


class RandomJitter:
    """Draws numbers from a pseudo-random generator that the operating system seeds."""

    def __init__(self) -> None:
        self._random = random.Random()  # noqa: S311  # spreads load and protects no secret

    def fraction(self) -> float:
        """Returns a uniformly distributed number in [0, 1)."""
        return self._random.random()
