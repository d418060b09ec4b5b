"""The JSON documents that clients send to create and change messages."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ..parsing.documents import ContentFields, Destination, Duration, JsonValue, Time
from ..parsing.limits import MAX_KEY_CHARS

Key = Annotated[
    str,
    Meta(
        description="the same request with the same key, within 24 hours, is one message",
        extra_json_schema={"minLength": 1, "maxLength": MAX_KEY_CHARS},
    ),
]


class MessageFields(ContentFields, forbid_unknown_fields=True, kw_only=True):
    """The fields that a client may give when it creates a message, and change later."""

    at: Time | UnsetType = UNSET
    in_: Duration | UnsetType = msgspec.field(default=UNSET, name="in")
    expires_at: Time | UnsetType | None = UNSET
    expires_in: Duration | UnsetType = UNSET


class NewMessage(MessageFields, forbid_unknown_fields=True, kw_only=True):
    """A message to schedule: `at` a time, `in` a duration from now, or now if both are left out."""

    body: JsonValue
    to: Destination = "console"
    expires_at: Time | UnsetType = UNSET
    key: Key | UnsetType = UNSET


class MessagePatch(MessageFields, forbid_unknown_fields=True, kw_only=True):
    """The fields of a message to change; the others stay. With `expires_at` null, the message does not expire."""
