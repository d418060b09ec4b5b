"""The changes that a client may make to a waiting message."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from ..time.local_time import LocalTime
    from .retry import RetryPolicy


class Unchanged(Enum):
    """The type of `UNCHANGED`."""

    UNCHANGED = "unchanged"


UNCHANGED: Literal[Unchanged.UNCHANGED] = Unchanged.UNCHANGED
"""Stands for a field that an edit leaves as it is. `None` cannot: it is a value of some fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentEdit:
    """New values for the fields of `Content` that have the same names. `UNCHANGED` leaves a field as it is."""

    body: bytes | Unchanged = UNCHANGED
    to: str | Unchanged = UNCHANGED
    retry: RetryPolicy | Unchanged = UNCHANGED
    labels: tuple[str, ...] | Unchanged = UNCHANGED
    headers: tuple[tuple[str, str], ...] | Unchanged = UNCHANGED

    def changes(self) -> dict[str, Any]:
        """Returns the new values by the names of their fields."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not UNCHANGED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(ContentEdit):
    """New values for the fields of a message that have the same names. `UNCHANGED` leaves a field as it is."""

    at: datetime | Unchanged = UNCHANGED
    at_local: LocalTime | Unchanged | None = UNCHANGED
    expires_at: datetime | Unchanged | None = UNCHANGED
