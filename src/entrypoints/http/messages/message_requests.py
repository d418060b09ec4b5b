"""From documents to what the use cases are asked."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import UNSET

from ....application.messages.edit_message import EditRequest
from ....application.messages.schedule_message import ScheduleRequest
from ....domain.errors import ExpiresTooEarlyError, InvalidTimeError
from ....domain.messages.edit import UNCHANGED, Edit
from ....domain.messages.retry import DEFAULT_RETRY
from ..parsing.fields import parse_destination, parse_duration_field, parse_labels, parse_retry, parse_time
from ..parsing.json_body import compact_body
from ..parsing.patches import changed, require_a_change
from ..problems.request_errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, tzinfo

    from ....domain.messages.edit import Unchanged
    from ....domain.messages.message import Message
    from ....domain.time.local_time import LocalTime
    from ..use_cases import HttpOptions
    from .message_documents import MessagePatch, NewMessage


def schedule_request_of(document: NewMessage, options: HttpOptions) -> ScheduleRequest:
    """Returns what a document asks for.

    Raises:
        InvalidRequestError: something in it cannot be understood.
        BodyTooLargeError: its body is longer than the limit.
    """
    _require_one_of_each(document)
    at, at_local = (None, None) if document.at is UNSET else parse_time(document.at, options.timezone, "$.at")
    expires_at = None
    if document.expires_at is not UNSET:
        expires_at, _ = parse_time(document.expires_at, options.timezone, "$.expires_at")
    return ScheduleRequest(
        body=compact_body(document.body, "$.body", options.max_body_bytes),
        at=at,
        at_local=at_local,
        after=None if document.in_ is UNSET else parse_duration_field(document.in_, "$.in"),
        to=parse_destination(document.to),
        expires_at=expires_at,
        expires_after=None
        if document.expires_in is UNSET
        else parse_duration_field(document.expires_in, "$.expires_in"),
        retry=DEFAULT_RETRY if document.retry is UNSET else parse_retry(document.retry),
        labels=() if document.labels is UNSET else parse_labels(document.labels),
        headers=() if document.headers is UNSET else tuple(document.headers.items()),
    )


def edit_request_of(
    document: MessagePatch, options: HttpOptions, require: Callable[[Message], None]
) -> EditRequest:
    """Returns what a document wants to be otherwise.

    Raises:
        InvalidRequestError: something in it cannot be understood, or there is nothing in it.
        BodyTooLargeError: its body is longer than the limit.
    """
    require_a_change(document)
    _require_one_of_each(document)
    at, at_local = _time_of(document, options.timezone)
    edit = Edit(
        body=changed(document.body, lambda body: compact_body(body, "$.body", options.max_body_bytes)),
        to=changed(document.to, parse_destination),
        retry=changed(document.retry, parse_retry),
        labels=changed(document.labels, parse_labels),
        headers=changed(document.headers, lambda headers: tuple(headers.items())),
        at=at,
        at_local=at_local,
        expires_at=_expiry_of(document, options.timezone),
    )
    return EditRequest(
        edit=edit,
        after=None if document.in_ is UNSET else parse_duration_field(document.in_, "$.in"),
        expires_after=None
        if document.expires_in is UNSET
        else parse_duration_field(document.expires_in, "$.expires_in"),
        require=require,
    )


def _time_of(document: MessagePatch, zone: tzinfo) -> tuple[datetime | Unchanged, LocalTime | Unchanged | None]:
    if document.at is not UNSET:
        return parse_time(document.at, zone, "$.at")
    return UNCHANGED, UNCHANGED if document.in_ is UNSET else None


def _expiry_of(document: MessagePatch, zone: tzinfo) -> datetime | Unchanged | None:
    if document.expires_at is UNSET:
        return UNCHANGED
    return None if document.expires_at is None else parse_time(document.expires_at, zone, "$.expires_at")[0]


def _require_one_of_each(document: NewMessage | MessagePatch) -> None:
    if document.at is not UNSET and document.in_ is not UNSET:
        raise InvalidRequestError("$.in", "Either `at` or `in` can be given, not both")
    if document.expires_at is not UNSET and document.expires_in is not UNSET:
        raise InvalidRequestError("$.expires_in", "Either `expires_at` or `expires_in` can be given, not both")


@contextmanager
def with_error_paths(document: NewMessage | MessagePatch) -> Iterator[None]:
    """Gives what a use case finds wrong with a time the path of the field that it came from.

    Raises:
        InvalidRequestError: it found something wrong.
    """
    try:
        yield
    except (InvalidTimeError, ExpiresTooEarlyError) as error:
        raise InvalidRequestError(_place_of(error, document), str(error)) from error


def _place_of(error: InvalidTimeError | ExpiresTooEarlyError, document: NewMessage | MessagePatch) -> str:
    expiry = "$.expires_at" if document.expires_in is UNSET else "$.expires_in"
    time = "$.at" if document.in_ is UNSET else "$.in"
    if isinstance(error, ExpiresTooEarlyError):
        unset = document.expires_at is UNSET and document.expires_in is UNSET
        return time if unset else expiry
    if document.expires_in is not UNSET and error.value == str(parse_duration_field(document.expires_in, expiry)):
        return expiry
    return time
