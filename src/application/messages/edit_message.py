"""The use case that changes a message before its time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...domain.messages.edit import UNCHANGED, Edit
from ...domain.messages.headers import require_valid_headers
from ...domain.time.resolve import resolve_time
from ..events.events import MessageRescheduled

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from ...domain.messages.message import Message
    from ..channels import Channels
    from .update_message import MessageUpdater


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRequest:
    """What a client wants to be otherwise.

    Attributes:
        edit: the new values.
        after: how long from now until delivery, instead of a new time.
        expires_after: how long from now until it expires, instead of a new time of expiry.
        require: called with the message as it is before; what it raises refuses the edit.
    """

    edit: Edit
    after: timedelta | None = None
    expires_after: timedelta | None = None
    require: Callable[[Message], None] = lambda _: None


class EditMessage:
    """Changes a message that waits. Against a claim that came first, it loses."""

    def __init__(self, changes: MessageUpdater, channels: Channels) -> None:
        self._changes = changes
        self._channels = channels

    async def __call__(self, message_id: str, request: EditRequest) -> Message:
        """Returns the message as edited.

        Raises:
            MessageNotFoundError: there is none of that id, or no longer.
            IllegalTransitionError: it is being delivered, or has ended.
            UnknownChannelError: nothing is registered for its new destination.
            InvalidDestinationError: the channel will not deliver there.
            InvalidHeaderError: it may not carry such a header.
            InvalidTimeError: a time lies outside the years 1 to 9999.
            ExpiresTooEarlyError: it would expire before its time.
            StoreUnavailableError: the store did not answer; whether it is edited is unknown.
        """
        edit = request.edit
        if edit.headers is not UNCHANGED:
            require_valid_headers(edit.headers)
        if edit.to is not UNCHANGED:
            await self._channels.check(edit.to)

        def change(message: Message, now: datetime) -> Message:
            request.require(message)
            return message.edited(_with_times(request, now), now)

        return await self._changes.apply(message_id, change, MessageRescheduled)


def _with_times(request: EditRequest, now: datetime) -> Edit:
    edit = request.edit
    if request.after is not None:
        edit = replace(edit, at=resolve_time(now, None, request.after))
    elif edit.at is not UNCHANGED:
        edit = replace(edit, at=resolve_time(now, edit.at))
    if request.expires_after is not None:
        return replace(edit, expires_at=resolve_time(now, None, request.expires_after))
    if edit.expires_at is not UNCHANGED and edit.expires_at is not None:
        return replace(edit, expires_at=resolve_time(now, edit.expires_at))
    return edit
