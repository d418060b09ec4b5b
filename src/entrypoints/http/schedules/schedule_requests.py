"""From documents to what the use cases of schedules are asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import UNSET

from ....application.schedules.create_schedule import NewSchedule
from ....domain.messages.retry import DEFAULT_RETRY
from ....domain.schedules.schedule import ScheduleEdit, Template
from ....domain.time.instant import MILLISECOND
from ..parsing.fields import parse_destination, parse_duration_field, parse_labels, parse_retry, parse_time
from ..parsing.json_body import compact_body
from ..parsing.patches import changed, require_a_change
from ..problems.request_errors import InvalidRequestError

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from ..messages.message_documents import Time
    from ..use_cases import HttpOptions
    from .schedule_documents import NewScheduleDocument, SchedulePatch


def new_schedule_of(document: NewScheduleDocument, options: HttpOptions) -> NewSchedule:
    """Returns what a document asks for; a zone of its own stands in where it names none.

    Raises:
        InvalidRequestError: something in it cannot be understood.
        BodyTooLargeError: its body is longer than the limit.
    """
    template = Template(
        body=compact_body(document.body, "$.body", options.max_body_bytes),
        to=parse_destination(document.to),
        retry=DEFAULT_RETRY if document.retry is UNSET else parse_retry(document.retry),
        labels=() if document.labels is UNSET else parse_labels(document.labels),
        headers=() if document.headers is UNSET else tuple(document.headers.items()),
        expires_after=None if document.expires_in is UNSET else _lifetime(document.expires_in),
    )
    return NewSchedule(
        cron=document.cron,
        timezone=str(options.timezone) if document.timezone is UNSET else document.timezone,
        template=template,
        missed=document.missed,
        starts_at=None
        if document.starts_at is UNSET
        else _moment(document.starts_at, options.timezone, "$.starts_at"),
        ends_at=None if document.ends_at is UNSET else _moment(document.ends_at, options.timezone, "$.ends_at"),
    )


def schedule_edit_of(document: SchedulePatch, options: HttpOptions) -> ScheduleEdit:
    """Returns what a document wants to be otherwise.

    Raises:
        InvalidRequestError: something in it cannot be understood, or there is nothing in it.
        BodyTooLargeError: its body is longer than the limit.
    """
    require_a_change(document)
    return ScheduleEdit(
        cron=changed(document.cron, str),
        timezone=changed(document.timezone, str),
        missed=changed(document.missed, lambda missed: missed),
        starts_at=changed(document.starts_at, lambda time: _moment(time, options.timezone, "$.starts_at")),
        ends_at=changed(document.ends_at, lambda time: _moment(time, options.timezone, "$.ends_at")),
        body=changed(document.body, lambda body: compact_body(body, "$.body", options.max_body_bytes)),
        to=changed(document.to, parse_destination),
        retry=changed(document.retry, parse_retry),
        labels=changed(document.labels, parse_labels),
        headers=changed(document.headers, lambda headers: tuple(headers.items())),
        expires_after=changed(document.expires_in, _lifetime),
    )


def _moment(time: Time | None, zone: tzinfo, path: str) -> datetime | None:
    return None if time is None else parse_time(time, zone, path)[0]


def _lifetime(text: str | None) -> timedelta | None:
    if text is None:
        return None
    lifetime = parse_duration_field(text, "$.expires_in")
    if lifetime < MILLISECOND:
        raise InvalidRequestError("$.expires_in", "An occurrence would expire at once: give a millisecond or more")
    return lifetime
