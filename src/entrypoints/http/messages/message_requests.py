"""Converts the documents of clients into the requests of use cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from ....application.messages.edit_message import EditRequest
from ....application.messages.schedule_message import ScheduleRequest
from ....domain.errors import InvalidTimeError
from ....domain.messages.edit import UNCHANGED, Edit
from ....domain.messages.expiry import ExpiresTooEarlyError
from ..parsing.content import parse_content
from ..parsing.fields import parse_duration_field, parse_time
from ..parsing.patch import require_any_field
from ..problems.request_errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from ....domain.messages.edit import Unchanged
    from ....domain.messages.message import Message
    from ....domain.time.local_time import LocalTime
    from ..use_cases import HttpOptions
    from .message_documents import MessagePatch, NewMessage

TIME_ERRORS = (InvalidTimeError, ExpiresTooEarlyError)
"""What use cases raise for a time that cannot be used. `name_field` finds the field that it came from."""


def schedule_request_of(document: NewMessage, options: HttpOptions) -> ScheduleRequest:
    """Returns the request of a document.

    Raises:
        InvalidRequestError: A field cannot be understood.
        BodyTooLargeError: The message's body is over the limit.
    """
    _require_no_alternatives(document)
    at, at_local = (None, None) if document.at is UNSET else parse_time(document.at, options.timezone, "$.at")
    expires_at = None
    if document.expires_at is not UNSET:
        expires_at, _ = parse_time(document.expires_at, options.timezone, "$.expires_at")
    return ScheduleRequest(
        **parse_content(document, options.max_body_bytes),
        at=at,
        at_local=at_local,
        after=None if document.in_ is UNSET else parse_duration_field(document.in_, "$.in"),
        expires_at=expires_at,
        expires_after=None
        if document.expires_in is UNSET
        else parse_duration_field(document.expires_in, "$.expires_in"),
    )


def edit_request_of(
    document: MessagePatch, options: HttpOptions, require: Callable[[Message], None]
) -> EditRequest:
    """Returns the request of a document.

    Args:
        document: The changes.
        options: The settings of the API.
        require: Raises an error for a message that must not be changed.

    Raises:
        InvalidRequestError: A field cannot be understood, or the document has no field.
        BodyTooLargeError: The message's body is over the limit.
    """
    require_any_field(document)
    _require_no_alternatives(document)
    at, at_local = _time_change(document, options.timezone)
    edit = Edit(
        **parse_content(document, options.max_body_bytes),
        at=at,
        at_local=at_local,
        expires_at=_expiry_change(document, options.timezone),
    )
    return EditRequest(
        edit=edit,
        after=None if document.in_ is UNSET else parse_duration_field(document.in_, "$.in"),
        expires_after=None
        if document.expires_in is UNSET
        else parse_duration_field(document.expires_in, "$.expires_in"),
        require=require,
    )


def _time_change(
    document: MessagePatch, zone: tzinfo
) -> tuple[datetime | Unchanged, LocalTime | Unchanged | None]:
    if document.at is not UNSET:
        return parse_time(document.at, zone, "$.at")
    return UNCHANGED, UNCHANGED if document.in_ is UNSET else None


def _expiry_change(document: MessagePatch, zone: tzinfo) -> datetime | Unchanged | None:
    if document.expires_at is UNSET:
        return UNCHANGED
    return None if document.expires_at is None else parse_time(document.expires_at, zone, "$.expires_at")[0]


def _require_no_alternatives(document: NewMessage | MessagePatch) -> None:
    if document.at is not UNSET and document.in_ is not UNSET:
        raise InvalidRequestError("$.in", "Either `at` or `in` can be given, not both")
    if document.expires_at is not UNSET and document.expires_in is not UNSET:
        raise InvalidRequestError("$.expires_in", "Either `expires_at` or `expires_in` can be given, not both")


def name_field(
    error: InvalidTimeError | ExpiresTooEarlyError, document: NewMessage | MessagePatch
) -> InvalidRequestError:
    """Returns the error of a use case as one that names the field of the document that it came from."""
    return InvalidRequestError(_path_of(error, document), str(error))


def _path_of(error: InvalidTimeError | ExpiresTooEarlyError, document: NewMessage | MessagePatch) -> str:
    expiry = "$.expires_at" if document.expires_in is UNSET else "$.expires_in"
    time = "$.at" if document.in_ is UNSET else "$.in"
    if isinstance(error, ExpiresTooEarlyError):
        has_expiry = document.expires_at is not UNSET or document.expires_in is not UNSET
        return expiry if has_expiry else time
    if document.expires_in is not UNSET and error.value == str(parse_duration_field(document.expires_in, expiry)):
        return expiry
    return time
