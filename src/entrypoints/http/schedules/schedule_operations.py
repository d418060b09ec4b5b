"""The OpenAPI operations of schedules."""

from __future__ import annotations

from datetime import UTC, datetime

from litestar.openapi.spec import OpenAPIResponse

from ....domain.ids import MessageId, ScheduleId
from ....domain.schedules.schedule import Schedule, Template
from ..openapi.operations import example_of, json_of, operation, response
from ..openapi.parameters import CURSOR, whole_number
from ..parsing.parameters import PAGE_SIZE, PREVIEW_SIZE
from .schedule_documents import NewScheduleDocument, SchedulePatch
from .schedule_views import OccurrencesView, ScheduleListView, ScheduleView, view_of

_SCHEDULE = Schedule(
    id=ScheduleId("3palmScAVht0"),
    template=Template(body=b'"Good morning"'),
    cron="0 9 * * 1-5",
    timezone="Europe/Kyiv",
    next_at=datetime(2026, 12, 24, 7, tzinfo=UTC),
    next_id=MessageId("3palmScAVhu0"),
    created_at=datetime(2026, 12, 23, 9, tzinfo=UTC),
)
_SCHEDULE_EXAMPLE = example_of(view_of(_SCHEDULE))


def _schedule(description: str) -> OpenAPIResponse:
    return response(description, json_of(ScheduleView, examples=[_SCHEDULE_EXAMPLE]))


CreateScheduleOperation = operation(
    body=json_of(
        NewScheduleDocument,
        examples=[{"cron": "0 9 * * 1-5", "timezone": "Europe/Kyiv", "body": "Good morning"}],
    ),
    responses={201: _schedule("Created")},
    problem_statuses=[400, 413, 415, 503, 507],
)

ListSchedulesOperation = operation(
    parameters=[whole_number(PAGE_SIZE), CURSOR],
    responses={
        200: response(
            "A page, in the order in which the schedules were created",
            json_of(ScheduleListView, examples=[{"items": [_SCHEDULE_EXAMPLE], "next": None}]),
        )
    },
    problem_statuses=[400, 503],
)

FindScheduleOperation = operation(responses={200: _schedule("The schedule")}, problem_statuses=[404, 503])

PreviewOperation = operation(
    parameters=[whole_number(PREVIEW_SIZE)],
    responses={200: response("The next occurrences", json_of(OccurrencesView))},
    problem_statuses=[400, 404, 503],
)

EditScheduleOperation = operation(
    body=json_of(SchedulePatch, examples=[{"cron": "30 9 * * 1-5"}, {"ends_at": None}], minProperties=1),
    responses={200: _schedule("The schedule as it is now")},
    problem_statuses=[400, 404, 413, 415, 503],
)

DeleteScheduleOperation = operation(responses={204: response("Deleted")}, problem_statuses=[404, 503])

PauseOperation = operation(responses={200: _schedule("Paused, now or before")}, problem_statuses=[404, 409, 503])

ResumeOperation = operation(
    responses={200: _schedule("The schedule, active again")}, problem_statuses=[404, 409, 503]
)
