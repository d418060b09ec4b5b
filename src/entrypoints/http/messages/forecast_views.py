"""A forecast as clients see it."""

from __future__ import annotations

import msgspec

from ..parsing.documents import Timestamp


class ForecastStepView(msgspec.Struct, frozen=True):
    """When a step begins, and how many messages come due in it."""

    at: Timestamp
    count: int


class ForecastView(msgspec.Struct, frozen=True):
    """A forecast from now on. Overdue messages are in the first step."""

    from_: Timestamp = msgspec.field(name="from")
    step: str
    items: list[ForecastStepView]
