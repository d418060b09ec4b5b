"""How a schedule looks from outside."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from ....domain.time.duration import format_duration
from ....domain.time.instant import to_rfc3339
from ..json_response import JSON, JsonResponse
from ..messages.message_views import retry_view

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ....application.schedules.find_schedules import SchedulePage
    from ....domain.schedules.schedule import Schedule


class ScheduleView(msgspec.Struct, frozen=True):
    """A schedule. Times are RFC 3339 in UTC with milliseconds.

    `next_at` is when it occurs next, `next_message_id` the message that waits for that; `last_at` when the last
    occurrence was that will not be made again.
    """

    id: str
    status: str
    cron: str
    timezone: str
    missed: str
    starts_at: str | None
    ends_at: str | None
    next_at: str | None
    next_message_id: str | None
    last_at: str | None
    to: str
    body: msgspec.Raw
    labels: tuple[str, ...]
    headers: dict[str, str]
    retry: msgspec.Raw
    expires_in: str | None
    created_at: str


class ScheduleList(msgspec.Struct, frozen=True):
    """A page of schedules, and what to ask for the page behind it with; null where nothing is left."""

    items: list[ScheduleView]
    next: str | None


class Moments(msgspec.Struct, frozen=True):
    """Moments in their order."""

    items: list[str]


_encode = msgspec.json.Encoder().encode


def view_of(schedule: Schedule) -> ScheduleView:
    """Returns a schedule as clients see it."""
    template = schedule.template
    lasts = template.expires_after
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
        retry=retry_view(template.retry),
        expires_in=None if lasts is None else format_duration(lasts),
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
    return JsonResponse(_encode(ScheduleList(views, page.next)), JSON, HTTPStatus.OK)


def occurrences_response(times: Sequence[datetime]) -> JsonResponse:
    """Returns a response with the times of occurrences."""
    return JsonResponse(_encode(Moments([to_rfc3339(time) for time in times])), JSON, HTTPStatus.OK)


def _text(time: datetime | None) -> str | None:
    return None if time is None else to_rfc3339(time)
