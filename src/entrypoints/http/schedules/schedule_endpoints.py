"""`/v1/schedules`: make, look up, list, look ahead, edit, pause, resume, delete."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ASGIApp

from ....application.schedules.use_cases import Schedules
from ....domain.ids import ScheduleId
from ..intake import intake_of
from ..parsing.json_body import read_json_body
from ..parsing.parameters import PAGE_SIZE, PREVIEW_SIZE, Parameters
from ..problems.request_errors import InvalidRequestError
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
from .schedule_views import location_of, show, show_occurrences, show_page

MAX_ID_CHARS = 20

_new = msgspec.json.Decoder(NewScheduleDocument)
_patch = msgspec.json.Decoder(SchedulePatch)


@post("/v1/schedules", operation_class=CreateScheduleOperation)
async def create_schedule(request: Request[Any, Any, Any], schedules: NamedDependency[Schedules]) -> ASGIApp:
    """Makes a schedule."""
    intake = intake_of(request)
    asked = new_schedule_of(await read_json_body(request, _new), intake.zone, intake.limits)
    schedule = await schedules.create(asked)
    return show(schedule, HTTPStatus.CREATED, {"location": location_of(schedule)})


@get("/v1/schedules", operation_class=ListSchedulesOperation)
async def list_schedules(request: Request[Any, Any, Any], schedules: NamedDependency[Schedules]) -> ASGIApp:
    """Lists schedules in the order in which they were made."""
    parameters = Parameters(request, ("limit", "cursor"))
    limit = parameters.whole_number(PAGE_SIZE)
    return show_page(await schedules.look.page(limit, _read_cursor(parameters.one("cursor"))), HTTPStatus.OK)


@get("/v1/schedules/{schedule_id:str}", operation_class=FindScheduleOperation)
async def find_schedule(schedule_id: FromPath[str], schedules: NamedDependency[Schedules]) -> ASGIApp:
    """Looks a schedule up."""
    return show(await schedules.look.one(schedule_id), HTTPStatus.OK)


@get("/v1/schedules/{schedule_id:str}/next", operation_class=PreviewOperation)
async def preview_schedule(
    request: Request[Any, Any, Any], schedule_id: FromPath[str], schedules: NamedDependency[Schedules]
) -> ASGIApp:
    """Tells when a schedule occurs next; a paused one, as if it were resumed now."""
    count = Parameters(request, ("count",)).whole_number(PREVIEW_SIZE)
    return show_occurrences(await schedules.look.preview(schedule_id, count), HTTPStatus.OK)


@patch("/v1/schedules/{schedule_id:str}", operation_class=EditScheduleOperation)
async def edit_schedule(
    request: Request[Any, Any, Any],
    schedule_id: FromPath[str],
    schedules: NamedDependency[Schedules],
) -> ASGIApp:
    """Changes a schedule, from its next occurrence on."""
    intake = intake_of(request)
    edit = schedule_edit_of(await read_json_body(request, _patch), intake.zone, intake.limits)
    return show(await schedules.edit(schedule_id, edit), HTTPStatus.OK)


@delete("/v1/schedules/{schedule_id:str}", operation_class=DeleteScheduleOperation)
async def delete_schedule(schedule_id: FromPath[str], schedules: NamedDependency[Schedules]) -> None:
    """Ends a schedule for good, and cancels its next occurrence."""
    await schedules.delete(schedule_id)


@post("/v1/schedules/{schedule_id:str}/pause", operation_class=PauseOperation)
async def pause_schedule(schedule_id: FromPath[str], schedules: NamedDependency[Schedules]) -> ASGIApp:
    """Has nothing occur until the schedule is resumed."""
    return show(await schedules.pause(schedule_id), HTTPStatus.OK)


@post("/v1/schedules/{schedule_id:str}/resume", operation_class=ResumeOperation)
async def resume_schedule(schedule_id: FromPath[str], schedules: NamedDependency[Schedules]) -> ASGIApp:
    """Has a schedule go on from now."""
    return show(await schedules.resume(schedule_id), HTTPStatus.OK)


def _read_cursor(text: str | None) -> ScheduleId | None:
    if text is None:
        return None
    if not (text.isascii() and text.isalnum() and len(text) <= MAX_ID_CHARS):
        raise InvalidRequestError("cursor", "It is no cursor of this list: a cursor is what `next` was")
    return ScheduleId(text)
