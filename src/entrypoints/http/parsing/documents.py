"""The parts of JSON documents that messages and schedules share, and what OpenAPI tells of them.

Limits are in `extra_json_schema`, which documents a limit and does not enforce it. `fields.py` enforces it, and
its errors have the path of the field.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ....domain.messages.retry import Backoff, RetryPolicy
from ....domain.time.duration import format_duration
from .limits import MAX_ATTEMPTS, MAX_DESTINATION_CHARS, MAX_LABEL_CHARS, MAX_LABELS

JsonValue: TypeAlias = Annotated[msgspec.Raw, Meta(description="any JSON value")]
Timestamp: TypeAlias = Annotated[
    str,
    Meta(
        description="a time in RFC 3339, in UTC and with milliseconds",
        examples=["2026-12-24T17:00:00.000Z"],
        extra_json_schema={"format": "date-time"},
    ),
]
Duration: TypeAlias = Annotated[
    str, Meta(description="a duration: 500ms, 15m, 1h30m, 2d, PT1.5S", examples=["15m"])
]
Destination: TypeAlias = Annotated[
    str,
    Meta(
        description="console, a URL for a webhook, or SCHEME:NAME, such as stream:NAME or celery:TASK",
        extra_json_schema={"maxLength": MAX_DESTINATION_CHARS},
    ),
]
Label: TypeAlias = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": MAX_LABEL_CHARS})]
Labels: TypeAlias = Annotated[list[Label], Meta(extra_json_schema={"maxItems": MAX_LABELS, "uniqueItems": True})]


class LocalTimeDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the clocks of a time zone show."""

    local: str
    timezone: str


Time: TypeAlias = Annotated[
    str | int | float | LocalTimeDocument,
    Meta(
        description="a time, milliseconds since 1970, or what the clocks of a time zone show",
        examples=[
            "2026-12-24T18:00:00+01:00",
            1798131600000,
            {"local": "2027-03-28T02:30", "timezone": "Europe/Kyiv"},
        ],
    ),
]


class RetryDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a failed delivery is tried again. In a request, a field that is left out has its default."""

    attempts: Annotated[int, Meta(extra_json_schema={"minimum": 1, "maximum": MAX_ATTEMPTS})] | UnsetType = UNSET
    backoff: Backoff | UnsetType = UNSET
    base: Duration | UnsetType = UNSET
    cap: Duration | UnsetType = UNSET
    jitter: bool | UnsetType = UNSET


@lru_cache(maxsize=64)
def retry_document(policy: RetryPolicy) -> RetryDocument:
    """Returns a retry policy as clients see it, with every field."""
    return RetryDocument(
        attempts=policy.attempts,
        backoff=policy.backoff,
        base=format_duration(policy.base),
        cap=format_duration(policy.cap),
        jitter=policy.jitter,
    )


class ContentFields(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The fields that messages and schedules have in common: `Content` of the domain, on the wire."""

    body: JsonValue | UnsetType = UNSET
    to: Destination | UnsetType = UNSET
    retry: RetryDocument | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    headers: dict[str, str] | UnsetType = UNSET
