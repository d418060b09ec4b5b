"""The JSON documents of requests that change many messages, and of their responses."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ....domain.messages.status import Status

_Text: TypeAlias = Annotated[str, Meta(extra_json_schema={"minLength": 1})]
_Time: TypeAlias = Annotated[str | int | float, Meta(description="A time, or milliseconds since 1970")]
_Statuses: TypeAlias = Annotated[list[Status], Meta(extra_json_schema={"minItems": 1})]


class BulkRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The list's filters. Without a filter, `all` has to be true."""

    status: Status | _Statuses | UnsetType = UNSET
    to: _Text | UnsetType = UNSET
    label: _Text | UnsetType = UNSET
    due_after: _Time | UnsetType = UNSET
    due_before: _Time | UnsetType = UNSET
    all: Annotated[bool, Meta(description="True instead of any filter: every message")] = False
    dry_run: Annotated[bool, Meta(description="True: only count")] = False


class BulkResultView(msgspec.Struct, frozen=True):
    """How many messages matched, and how many of them were changed."""

    matched: int
    changed: int
