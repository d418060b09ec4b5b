"""What clients send, as types."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a client may send.

    Attributes:
        max_body_bytes: of one message's body, encoded.
        max_request_bytes: of one request.
    """

    max_body_bytes: int
    max_request_bytes: int


class NewMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A message to be scheduled: `at` a time, or `in` a while from now, or neither for now."""

    body: msgspec.Raw
    at: str | int | float | msgspec.UnsetType = msgspec.UNSET
    in_: str | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="in")
    to: str = "console"
    headers: dict[str, str] = {}
