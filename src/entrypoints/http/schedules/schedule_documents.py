"""The JSON documents that clients send to create and change schedules."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import UNSET, Meta, UnsetType

from ....domain.schedules.schedule import Missed
from ..parsing.documents import ContentFields, Destination, Duration, JsonValue, Time

Cron: TypeAlias = Annotated[
    str,
    Meta(
        description="minute, hour, day of month, month, day of week; or seconds before these",
        examples=["0 9 * * 1-5"],
    ),
]
Timezone: TypeAlias = Annotated[str, Meta(description="a name in the IANA database", examples=["Europe/Kyiv"])]
MissedOccurrences: TypeAlias = Annotated[
    Missed, Meta(description="which missed occurrences are delivered: none, the latest, or each")
]


class ScheduleFields(ContentFields, forbid_unknown_fields=True, kw_only=True):
    """The fields that a client may give when it creates a schedule, and change later."""

    cron: Cron | UnsetType = UNSET
    timezone: Timezone | UnsetType = UNSET
    missed: MissedOccurrences | UnsetType = UNSET
    starts_at: Time | UnsetType | None = UNSET
    ends_at: Time | UnsetType | None = UNSET
    expires_in: Duration | UnsetType | None = UNSET


class NewScheduleDocument(ScheduleFields, forbid_unknown_fields=True, kw_only=True):
    """A schedule to create: when it occurs, and what its messages have in common."""

    cron: Cron
    body: JsonValue
    to: Destination = "console"
    missed: MissedOccurrences = Missed.ONCE


class SchedulePatch(ScheduleFields, forbid_unknown_fields=True, kw_only=True):
    """The fields of a schedule to change; the others stay. A field that is null is removed from the schedule."""
