"""The JSON documents that clients send to create and change messages."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from ..parsing.documents import RetryDocument, Time


class NewMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A message to be scheduled: `at` a time, or `in` a while from now, or neither for now."""

    body: msgspec.Raw
    at: Time | UnsetType = UNSET
    in_: str | UnsetType = msgspec.field(default=UNSET, name="in")
    to: str = "console"
    expires_at: Time | UnsetType = UNSET
    expires_in: str | UnsetType = UNSET
    retry: RetryDocument | UnsetType = UNSET
    labels: list[str] | UnsetType = UNSET
    headers: dict[str, str] | UnsetType = UNSET
    key: str | UnsetType = UNSET


class MessagePatch(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be otherwise. `expires_at` may be null: then it does not expire."""

    body: msgspec.Raw | UnsetType = UNSET
    at: Time | UnsetType = UNSET
    in_: str | UnsetType = msgspec.field(default=UNSET, name="in")
    to: str | UnsetType = UNSET
    expires_at: Time | UnsetType | None = UNSET
    expires_in: str | UnsetType = UNSET
    retry: RetryDocument | UnsetType = UNSET
    labels: list[str] | UnsetType = UNSET
    headers: dict[str, str] | UnsetType = UNSET
