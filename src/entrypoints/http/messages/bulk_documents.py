"""The JSON documents of requests that change many messages, and of their responses."""

from __future__ import annotations

from typing import Annotated, cast

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ..parsing.filters import FILTERS, Filter


class BulkFields(msgspec.Struct, forbid_unknown_fields=True):
    """Filters, as the list has them. Without a filter, `all` has to be true."""

    all: Annotated[bool, Meta(description="true instead of any filter: every message")] = False
    dry_run: Annotated[bool, Meta(description="true: only count")] = False


def _field(wanted: Filter) -> tuple[str, object, UnsetType]:
    return wanted.name, Annotated[wanted.kind.field_type, Meta(description=wanted.description)] | UnsetType, UNSET


BulkRequest = cast(
    "type[BulkFields]",
    msgspec.defstruct(
        "BulkRequest",
        [_field(wanted) for wanted in FILTERS],
        bases=(BulkFields,),
        namespace={"__doc__": BulkFields.__doc__},
        forbid_unknown_fields=True,
    ),
)
"""`BulkFields`, and a field for each filter."""


class BulkResultView(msgspec.Struct, frozen=True):
    """How many messages matched, and how many of them were changed."""

    matched: int
    changed: int
