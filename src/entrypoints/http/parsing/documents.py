"""The parts of JSON documents that messages and schedules share."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from ....domain.messages.retry import Backoff, RetryPolicy
from ....domain.time.duration import format_duration


class LocalTimeDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the clocks of a time zone show."""

    local: str
    timezone: str


class RetryDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When to try again. A field that is left out has its default."""

    attempts: int | UnsetType = UNSET
    backoff: Backoff | UnsetType = UNSET
    base: str | UnsetType = UNSET
    cap: str | UnsetType = UNSET
    jitter: bool | UnsetType = UNSET


Time: TypeAlias = str | int | float | LocalTimeDocument


@lru_cache(maxsize=64)
def retry_document(policy: RetryPolicy) -> RetryDocument:
    """Returns a retry policy as clients see it, with no field left out."""
    return RetryDocument(
        attempts=policy.attempts,
        backoff=policy.backoff,
        base=format_duration(policy.base),
        cap=format_duration(policy.cap),
        jitter=policy.jitter,
    )
