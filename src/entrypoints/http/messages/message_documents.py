"""What clients send, as types."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from ....domain.messages.retry import Backoff


class LocalDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A time as the clocks of a zone show it."""

    local: str
    timezone: str


class RetryDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When to try again; what is left out is as by default."""

    attempts: int | UnsetType = UNSET
    backoff: Backoff | UnsetType = UNSET
    base: str | UnsetType = UNSET
    cap: str | UnsetType = UNSET
    jitter: bool | UnsetType = UNSET


Time: TypeAlias = str | int | float | LocalDocument
Words: TypeAlias = dict[str, str]


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
    headers: Words | UnsetType = UNSET
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
    headers: Words | UnsetType = UNSET
