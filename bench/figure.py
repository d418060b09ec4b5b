"""The result of a benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure, its target and its limit.

    Attributes:
        name: What was measured.
        value: The figure.
        unit: The unit of the figure and of the limit.
        target: The target, in words.
        reached: Whether the figure reaches the target.
        compared_with: What the limit is, in words. Empty if there is no limit.
        limit: A measurement in the same run that the figure is compared with. `None` if there is none.
    """

    name: str
    value: float
    unit: str
    target: str
    reached: bool
    compared_with: str = ""
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """The figure as a fraction of its limit. `None` if there is no limit."""
        return None if not self.limit else self.value / self.limit


def percentile(ordered: Sequence[float], fraction: float) -> float:
    """Returns the value that the fraction of all values lies below. `ordered` is in ascending order."""
    return ordered[min(int(len(ordered) * fraction), len(ordered) - 1)]
