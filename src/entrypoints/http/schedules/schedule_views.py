"""Schedules as clients see them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta

from ....domain.schedules.schedule import ScheduleStatus
from ....domain.time.duration import format_duration
from ....domain.time.instant import to_rfc3339
from ..json_response import JSON, JsonResponse
from ..parsing.documents import JsonValue, RetryDocument, Timestamp, retry_document
from .schedule_documents import Cron, MissedOccurrences, Timezone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ....application.ports.schedule_store import SchedulePage
    from ....domain.schedules.schedule import Schedule


class ScheduleView(msgspec.Struct, frozen=True):
    """A schedule."""

    id: str
    status: ScheduleStatus
    cron: Cron
    timezone: Timezone
    missed: MissedOccurrences
    starts_at: Timestamp | None
    ends_at: Timestamp | None
    next_at: Annotated[Timestamp | None, Meta(description="when the schedule occurs next")]
    next_message_id: Annotated[str | None, Meta(description="the message that waits for `next_at`")]
    last_at: Annotated[Timestamp | None, Meta(description="the last occurrence that will not be made again")]
    to: str
    body: JsonValue
    labels: tuple[str, ...]
    headers: dict[str, str]
    retry: RetryDocument
    expires_in: str | None
    created_at: Timestamp


class ScheduleListView(msgspec.Struct, frozen=True):
    """A page of schedules, in the order in which they were created."""

    items: list[ScheduleView]
    next: Annotated[str | None, Meta(description="the `cursor` of the next page; null after the last page")]


class OccurrencesView(msgspec.Struct, frozen=True):
    """The times of occurrences, in order."""

    items: list[Timestamp]


_encode = msgspec.json.Encoder().encode


def view_of(schedule: Schedule) -> ScheduleView:
    """Returns a schedule as clients see it."""
    template = schedule.template
    lifetime = template.expires_after
    return ScheduleView(
        id=schedule.id,
        status=schedule.status,
        cron=schedule.cron,
        timezone=schedule.timezone,
        missed=schedule.missed,
        starts_at=_text(schedule.starts_at),
        ends_at=_text(schedule.ends_at),
        next_at=_text(schedule.next_at),
        next_message_id=schedule.next_id,
        last_at=_text(schedule.last_at),
        to=template.to,
        body=msgspec.Raw(template.body),
        labels=template.labels,
        headers=dict(template.headers),
        retry=retry_document(template.retry),
        expires_in=None if lifetime is None else format_duration(lifetime),
        created_at=to_rfc3339(schedule.created_at),
    )


def location_of(schedule: Schedule) -> str:
    """Returns the path of a schedule."""
    return f"/v1/schedules/{schedule.id}"


def schedule_response(
    schedule: Schedule, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """Returns a response with a schedule."""
    return JsonResponse(_encode(view_of(schedule)), JSON, status, headers)


def schedule_page_response(page: SchedulePage) -> JsonResponse:
    """Returns a response with a page of schedules."""
    views = [view_of(schedule) for schedule in page.schedules]
    return JsonResponse(_encode(ScheduleListView(views, page.next)), JSON, HTTPStatus.OK)


def occurrences_response(times: Sequence[datetime]) -> JsonResponse:
    """Returns a response with the times of occurrences."""
    return JsonResponse(_encode(OccurrencesView([to_rfc3339(time) for time in times])), JSON, HTTPStatus.OK)


def _text(time: datetime | None) -> str | None:
    return None if time is None else to_rfc3339(time)
