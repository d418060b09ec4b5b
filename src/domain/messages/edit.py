"""What a client may change in a message that waits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from ..time.local_time import LocalTime
    from .retry import RetryPolicy


class Unchanged(Enum):
    """The type of the value that stands for "as it is"."""

    UNCHANGED = "unchanged"


UNCHANGED: Literal[Unchanged.UNCHANGED] = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """New values for a message's fields of the same names; the others stay as they are."""

    at: datetime | Unchanged = UNCHANGED
    at_local: LocalTime | Unchanged | None = UNCHANGED
    body: bytes | Unchanged = UNCHANGED
    to: str | Unchanged = UNCHANGED
    retry: RetryPolicy | Unchanged = UNCHANGED
    expires_at: datetime | Unchanged | None = UNCHANGED
    labels: tuple[str, ...] | Unchanged = UNCHANGED
    headers: tuple[tuple[str, str], ...] | Unchanged = UNCHANGED
