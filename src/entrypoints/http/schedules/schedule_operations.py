"""What the OpenAPI document says of schedules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import OpenAPIFormat, OpenAPIType, Operation, Parameter, RequestBody, Schema

from ....domain.schedules.schedule import Missed, ScheduleStatus
from ..openapi.document import json_of, responses_of
from ..openapi.schemas import (
    ANY,
    DESTINATION,
    DURATION,
    HEADERS,
    LABELS,
    MOMENT,
    RETRY,
    TEXT,
    TIME,
    object_of,
    or_null,
)

_CRON = Schema(
    type=OpenAPIType.STRING,
    description="minute, hour, day of month, month, day of week; or seconds before these",
    examples=["0 9 * * 1-5"],
)
_ZONE = Schema(type=OpenAPIType.STRING, description="its name in the IANA database", examples=["Europe/Kyiv"])
_MISSED = Schema(
    type=OpenAPIType.STRING,
    enum=[str(missed) for missed in Missed],
    description="what becomes of occurrences that nobody was there for: none is delivered, the latest, or each",
)
_NULL = Schema(type=OpenAPIType.NULL)
_CHANGEABLE = {
    "cron": _CRON,
    "timezone": _ZONE,
    "body": ANY,
    "to": DESTINATION,
    "missed": _MISSED,
    "starts_at": Schema(one_of=[TIME, _NULL]),
    "ends_at": Schema(one_of=[TIME, _NULL]),
    "expires_in": Schema(one_of=[DURATION, _NULL]),
    "retry": RETRY,
    "labels": LABELS,
    "headers": HEADERS,
}
_NEW = Schema(
    type=OpenAPIType.OBJECT,
    required=["cron", "body"],
    additional_properties=False,
    properties={**_CHANGEABLE},
    examples=[{"cron": "0 9 * * 1-5", "timezone": "Europe/Kyiv", "body": "Good morning"}],
)
_PATCH = Schema(
    type=OpenAPIType.OBJECT,
    min_properties=1,
    additional_properties=False,
    properties={**_CHANGEABLE},
    examples=[{"cron": "30 9 * * 1-5"}, {"ends_at": None}],
)
_MOMENT_OR_NULL = or_null(OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME)
_SHOWN = {
    "id": TEXT,
    "status": Schema(type=OpenAPIType.STRING, enum=[str(status) for status in ScheduleStatus]),
    "cron": _CRON,
    "timezone": _ZONE,
    "missed": _MISSED,
    "starts_at": _MOMENT_OR_NULL,
    "ends_at": _MOMENT_OR_NULL,
    "next_at": _MOMENT_OR_NULL,
    "next_message_id": or_null(OpenAPIType.STRING),
    "last_at": _MOMENT_OR_NULL,
    "to": TEXT,
    "body": ANY,
    "labels": Schema(type=OpenAPIType.ARRAY, items=TEXT),
    "headers": HEADERS,
    "retry": RETRY,
    "expires_in": or_null(OpenAPIType.STRING),
    "created_at": MOMENT,
}
_EXAMPLE: dict[str, Any] = {
    "id": "3palmScAVht0",
    "status": "active",
    "cron": "0 9 * * 1-5",
    "timezone": "Europe/Kyiv",
    "missed": "once",
    "starts_at": None,
    "ends_at": None,
    "next_at": "2026-12-24T07:00:00.000Z",
    "next_message_id": "3palmScAVhu0",
    "last_at": None,
    "to": "console",
    "body": "Good morning",
    "labels": [],
    "headers": {},
    "retry": {"attempts": 5, "backoff": "exponential", "base": "PT1S", "cap": "PT1H", "jitter": True},
    "expires_in": None,
    "created_at": "2026-12-23T09:00:00.000Z",
}
_SCHEDULE = Schema(type=OpenAPIType.OBJECT, required=list(_SHOWN), properties={**_SHOWN}, examples=[{**_EXAMPLE}])
_PAGE = object_of(
    ["items", "next"], items=Schema(type=OpenAPIType.ARRAY, items=_SCHEDULE), next=or_null(OpenAPIType.STRING)
)
_MOMENTS = object_of(["items"], items=Schema(type=OpenAPIType.ARRAY, items=MOMENT))


def _number(name: str, description: str, most: int, usual: int) -> Parameter:
    schema = Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=most, default=usual)
    return Parameter(name=name, param_in="query", required=False, description=description, schema=schema)


@dataclass
class CreateScheduleOperation(Operation):
    """Of `POST /v1/schedules`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        self.request_body = RequestBody(content=json_of(_NEW), required=True)
        self.responses = responses_of(400, 413, 415, 503, 507, s201=("Made", json_of(_SCHEDULE)))


@dataclass
class ListSchedulesOperation(Operation):
    """Of `GET /v1/schedules`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        cursor = Parameter(
            name="cursor", param_in="query", required=False, description="`next` of the page before", schema=TEXT
        )
        self.parameters = [_number("limit", "how many to answer with at most", 1000, 100), cursor]
        self.responses = responses_of(400, 503, s200=("A page, in the order of making", json_of(_PAGE)))


@dataclass
class FindScheduleOperation(Operation):
    """Of `GET /v1/schedules/{id}`."""

    def __post_init__(self) -> None:
        """Says what it answers."""
        self.responses = responses_of(404, 503, s200=("The schedule", json_of(_SCHEDULE)))


@dataclass
class PreviewOperation(Operation):
    """Of `GET /v1/schedules/{id}/next`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        count = _number("count", "how many to answer with at most", 100, 10)
        self.parameters = [*(self.parameters or ()), count]
        self.responses = responses_of(400, 404, 503, s200=("The next occurrences", json_of(_MOMENTS)))


@dataclass
class EditScheduleOperation(Operation):
    """Of `PATCH /v1/schedules/{id}`."""

    def __post_init__(self) -> None:
        """Says what it takes and answers."""
        self.request_body = RequestBody(content=json_of(_PATCH), required=True)
        self.responses = responses_of(
            400, 404, 413, 415, 503, s200=("The schedule as it is now", json_of(_SCHEDULE))
        )


@dataclass
class DeleteScheduleOperation(Operation):
    """Of `DELETE /v1/schedules/{id}`."""

    def __post_init__(self) -> None:
        """Says what it answers."""
        self.responses = responses_of(404, 503, s204=("Gone", None))


@dataclass
class PauseOperation(Operation):
    """Of `POST /v1/schedules/{id}/pause`."""

    def __post_init__(self) -> None:
        """Says what it answers."""
        self.responses = responses_of(404, 409, 503, s200=("Paused, now or before", json_of(_SCHEDULE)))


@dataclass
class ResumeOperation(Operation):
    """Of `POST /v1/schedules/{id}/resume`."""

    def __post_init__(self) -> None:
        """Says what it answers."""
        self.responses = responses_of(404, 409, 503, s200=("As it goes on", json_of(_SCHEDULE)))
