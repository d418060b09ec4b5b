"""`/v1/schedules`: make, look up, list, look ahead, edit, pause, resume, delete."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from ....domain.schedules.schedule import ScheduleId
from ..parsing.json_body import read_json_body
from ..parsing.parameters import Parameters
from ..problems.request_errors import InvalidRequestError
from ..use_cases import options_of, use_cases_of
from .schedule_documents import NewScheduleDocument, SchedulePatch
from .schedule_operations import (
    CreateScheduleOperation,
    DeleteScheduleOperation,
    EditScheduleOperation,
    FindScheduleOperation,
    ListSchedulesOperation,
    PauseOperation,
    PreviewOperation,
    ResumeOperation,
)
from .schedule_requests import new_schedule_of, schedule_edit_of
from .schedule_views import location_of, show, show_moments, show_page

MOST, USUAL = 1_000, 100
MAX_PREVIEW, USUAL_AHEAD = 100, 10
MAX_ID_CHARS = 20

_new = msgspec.json.Decoder(NewScheduleDocument)
_patch = msgspec.json.Decoder(SchedulePatch)


@post("/v1/schedules", operation_class=CreateScheduleOperation)
async def create_schedule(request: Request[Any, Any, Any]) -> ASGIApp:
    """Makes a schedule."""
    asked = new_schedule_of(await read_json_body(request, _new), options_of(request))
    schedule = await use_cases_of(request).create_schedule(asked)
    return show(schedule, HTTPStatus.CREATED, {"location": location_of(schedule)})


@get("/v1/schedules", operation_class=ListSchedulesOperation)
async def list_schedules(request: Request[Any, Any, Any]) -> ASGIApp:
    """Lists schedules in the order in which they were made."""
    parameters = Parameters(request, ("limit", "cursor"))
    limit = parameters.whole_number("limit", 1, MOST, USUAL)
    return show_page(
        await use_cases_of(request).find_schedules.page(limit, _read_cursor(parameters.one("cursor"))),
        HTTPStatus.OK,
    )


@get("/v1/schedules/{schedule_id:str}", operation_class=FindScheduleOperation)
async def find_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> ASGIApp:
    """Looks a schedule up."""
    return show(await use_cases_of(request).find_schedules.one(schedule_id), HTTPStatus.OK)


@get("/v1/schedules/{schedule_id:str}/next", operation_class=PreviewOperation)
async def preview_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> ASGIApp:
    """Tells when a schedule occurs next; a paused one, as if it were resumed now."""
    count = Parameters(request, ("count",)).whole_number("count", 1, MAX_PREVIEW, USUAL_AHEAD)
    return show_moments(await use_cases_of(request).find_schedules.ahead(schedule_id, count), HTTPStatus.OK)


@patch("/v1/schedules/{schedule_id:str}", operation_class=EditScheduleOperation)
async def edit_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> ASGIApp:
    """Changes a schedule, from its next occurrence on."""
    edit = schedule_edit_of(await read_json_body(request, _patch), options_of(request))
    return show(await use_cases_of(request).edit_schedule(schedule_id, edit), HTTPStatus.OK)


@delete("/v1/schedules/{schedule_id:str}", operation_class=DeleteScheduleOperation)
async def delete_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> None:
    """Ends a schedule for good, and cancels its next occurrence."""
    await use_cases_of(request).delete_schedule(schedule_id)


@post("/v1/schedules/{schedule_id:str}/pause", operation_class=PauseOperation)
async def pause_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> ASGIApp:
    """Has nothing occur until the schedule is resumed."""
    return show(await use_cases_of(request).pause_schedule(schedule_id), HTTPStatus.OK)


@post("/v1/schedules/{schedule_id:str}/resume", operation_class=ResumeOperation)
async def resume_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> ASGIApp:
    """Has a schedule go on from now."""
    return show(await use_cases_of(request).resume_schedule(schedule_id), HTTPStatus.OK)


def _read_cursor(text: str | None) -> ScheduleId | None:
    if text is None:
        return None
    if not (text.isascii() and text.isalnum() and len(text) <= MAX_ID_CHARS):
        raise InvalidRequestError("cursor", "It is no cursor of this list: a cursor is what `next` was")
    return ScheduleId(text)
