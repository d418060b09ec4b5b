"""What a benchmark found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure, and what it is held against.

    Attributes:
        name: what was measured.
        value: the figure.
        unit: its unit.
        target: what to reach, in words.
        reached: whether it did.
        beside: what was measured beside it in the same run, in words; empty if nothing was.
        limit: that measurement, in the figure's unit.
    """

    name: str
    value: float
    unit: str
    target: str
    reached: bool
    beside: str = ""
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """The figure as a part of its limit."""
        return None if not self.limit else self.value / self.limit


def percentile(ordered: Sequence[float], part: float) -> float:
    """Returns the value that this part of the values lies below; they are given least first."""
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]
