"""`/v1/schedules`: create, find, list, preview, edit, pause, resume and delete."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from ....domain.ids import ScheduleId
from ..parsing.json_body import read_json_body
from ..parsing.parameters import PAGE_SIZE, PREVIEW_SIZE, Parameters
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
from .schedule_views import location_of, occurrences_response, schedule_page_response, schedule_response

MAX_ID_CHARS = 20

_new_schedule = msgspec.json.Decoder(NewScheduleDocument)
_schedule_patch = msgspec.json.Decoder(SchedulePatch)


@post("/v1/schedules", operation_class=CreateScheduleOperation)
async def create_schedule(request: Request[Any, Any, Any]) -> ASGIApp:
    """Creates a schedule."""
    new_schedule = new_schedule_of(await read_json_body(request, _new_schedule), options_of(request))
    schedule = await use_cases_of(request).create_schedule(new_schedule)
    return schedule_response(schedule, HTTPStatus.CREATED, {"location": location_of(schedule)})


@get("/v1/schedules", operation_class=ListSchedulesOperation)
async def list_schedules(request: Request[Any, Any, Any]) -> ASGIApp:
    """Lists schedules in the order of their creation."""
    parameters = Parameters(request, ("limit", "cursor"))
    limit = parameters.whole_number(PAGE_SIZE)
    after = _parse_cursor(parameters.one("cursor"))
    return schedule_page_response(await use_cases_of(request).find_schedules.page(limit, after))


@get("/v1/schedules/{schedule_id:str}", operation_class=FindScheduleOperation)
async def find_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> ASGIApp:
    """Returns a schedule."""
    return schedule_response(await use_cases_of(request).find_schedules.one(schedule_id))


@get("/v1/schedules/{schedule_id:str}/next", operation_class=PreviewOperation)
async def preview_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> ASGIApp:
    """Previews the next occurrences of a schedule; those of a paused one as if it were resumed now."""
    count = Parameters(request, ("count",)).whole_number(PREVIEW_SIZE)
    return occurrences_response(await use_cases_of(request).find_schedules.preview(schedule_id, count))


@patch("/v1/schedules/{schedule_id:str}", operation_class=EditScheduleOperation)
async def edit_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> ASGIApp:
    """Changes a schedule from its next occurrence on."""
    edit = schedule_edit_of(await read_json_body(request, _schedule_patch), options_of(request))
    return schedule_response(await use_cases_of(request).edit_schedule(schedule_id, edit))


@delete("/v1/schedules/{schedule_id:str}", operation_class=DeleteScheduleOperation)
async def delete_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> None:
    """Deletes a schedule for good and cancels its next occurrence."""
    await use_cases_of(request).delete_schedule(schedule_id)


@post("/v1/schedules/{schedule_id:str}/pause", operation_class=PauseOperation)
async def pause_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> ASGIApp:
    """Pauses a schedule: it has no occurrence until it is resumed."""
    return schedule_response(await use_cases_of(request).pause_schedule(schedule_id))


@post("/v1/schedules/{schedule_id:str}/resume", operation_class=ResumeOperation)
async def resume_schedule(request: Request[Any, Any, Any], schedule_id: FromPath[str]) -> ASGIApp:
    """Resumes a schedule from now on."""
    return schedule_response(await use_cases_of(request).resume_schedule(schedule_id))


def _parse_cursor(text: str | None) -> ScheduleId | None:
    if text is None:
        return None
    if not (text.isascii() and text.isalnum() and len(text) <= MAX_ID_CHARS):
        raise InvalidRequestError("cursor", "It is no cursor of this list: a cursor is what `next` was")
    return ScheduleId(text)
