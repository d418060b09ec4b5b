"""Message events as clients see them."""

from __future__ import annotations

import msgspec

from ....domain.messages.status import Status
from ..parsing.documents import Timestamp


class MessageEventView(msgspec.Struct, frozen=True):
    """An event in the life of a message, and the message's state after it."""

    id: str
    event: str
    at: Timestamp
    status: Status
    to: str
    labels: tuple[str, ...]
    due_at: Timestamp
    attempts: int
