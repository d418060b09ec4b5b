"""What clients send of schedules, as types."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from ....domain.schedules.schedule import Missed
from ..parsing.documents import RetryDocument, Time


class NewScheduleDocument(msgspec.Struct, forbid_unknown_fields=True):
    """A schedule to be made: when it occurs, and what its messages have in common."""

    cron: str
    body: msgspec.Raw
    timezone: str | UnsetType = UNSET
    to: str = "console"
    missed: Missed = Missed.ONCE
    starts_at: Time | UnsetType | None = UNSET
    ends_at: Time | UnsetType | None = UNSET
    expires_in: str | UnsetType | None = UNSET
    retry: RetryDocument | UnsetType = UNSET
    labels: list[str] | UnsetType = UNSET
    headers: dict[str, str] | UnsetType = UNSET


class SchedulePatch(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be otherwise. What may be missing from a schedule may be null: then it is."""

    cron: str | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    body: msgspec.Raw | UnsetType = UNSET
    to: str | UnsetType = UNSET
    missed: Missed | UnsetType = UNSET
    starts_at: Time | UnsetType | None = UNSET
    ends_at: Time | UnsetType | None = UNSET
    expires_in: str | UnsetType | None = UNSET
    retry: RetryDocument | UnsetType = UNSET
    labels: list[str] | UnsetType = UNSET
    headers: dict[str, str] | UnsetType = UNSET
