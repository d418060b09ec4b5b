"""Converts the documents of clients into the requests of the use cases of schedules."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import UNSET

from ....application.schedules.create_schedule import NewSchedule
from ....domain.schedules.schedule import ScheduleEdit, Template
from ....domain.time.instant import MILLISECOND
from ..parsing.content import parse_content
from ..parsing.fields import parse_duration_field, parse_time
from ..parsing.patch import parse_change, require_any_field
from ..problems.request_errors import InvalidRequestError

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from ..parsing.documents import Time
    from ..use_cases import HttpOptions
    from .schedule_documents import NewScheduleDocument, SchedulePatch


def new_schedule_of(document: NewScheduleDocument, options: HttpOptions) -> NewSchedule:
    """Returns the schedule that a document asks for. A document without a time zone has that of the options.

    Raises:
        InvalidRequestError: A field cannot be understood.
        BodyTooLargeError: The body of its messages is over the limit.
    """
    zone = options.timezone
    template = Template(
        **parse_content(document, options.max_body_bytes),
        expires_after=None if document.expires_in is UNSET else _lifetime(document.expires_in),
    )
    return NewSchedule(
        cron=document.cron,
        timezone=str(zone) if document.timezone is UNSET else document.timezone,
        template=template,
        missed=document.missed,
        starts_at=None if document.starts_at is UNSET else _instant(document.starts_at, zone, "$.starts_at"),
        ends_at=None if document.ends_at is UNSET else _instant(document.ends_at, zone, "$.ends_at"),
    )


def schedule_edit_of(document: SchedulePatch, options: HttpOptions) -> ScheduleEdit:
    """Returns the edit that a document asks for.

    Raises:
        InvalidRequestError: A field cannot be understood, or the document has no field.
        BodyTooLargeError: The body of the messages is over the limit.
    """
    require_any_field(document)
    zone = options.timezone
    return ScheduleEdit(
        cron=parse_change(document.cron, str),
        timezone=parse_change(document.timezone, str),
        missed=parse_change(document.missed, lambda missed: missed),
        starts_at=parse_change(document.starts_at, lambda time: _instant(time, zone, "$.starts_at")),
        ends_at=parse_change(document.ends_at, lambda time: _instant(time, zone, "$.ends_at")),
        **parse_content(document, options.max_body_bytes),
        expires_after=parse_change(document.expires_in, _lifetime),
    )


def _instant(time: Time | None, zone: tzinfo, path: str) -> datetime | None:
    return None if time is None else parse_time(time, zone, path)[0]


def _lifetime(text: str | None) -> timedelta | None:
    if text is None:
        return None
    lifetime = parse_duration_field(text, "$.expires_in")
    if lifetime < MILLISECOND:
        raise InvalidRequestError("$.expires_in", "An occurrence would expire at once: give a millisecond or more")
    return lifetime
