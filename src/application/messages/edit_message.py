"""The use case that edits a message before its time."""

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
    """A client's request for an edit.

    Attributes:
        edit: The new values.
        after: How long after the edit the message is delivered. It replaces the time in `edit`.
        expires_after: How long after the edit the message expires. It replaces the expiry in `edit`.
        require: Called with the message before the edit. The edit is refused with the error that it raises.
    """

    edit: Edit
    after: timedelta | None = None
    expires_after: timedelta | None = None
    require: Callable[[Message], None] = lambda _: None


class EditMessage:
    """Edits a waiting message. If a claim came first, the claim wins."""

    def __init__(self, updater: MessageUpdater, channels: Channels) -> None:
        self._updater = updater
        self._channels = channels

    async def __call__(self, message_id: str, request: EditRequest) -> Message:
        """Edits a message and returns it.

        Raises:
            MessageNotFoundError: No message has this id, or it is no longer stored.
            IllegalTransitionError: The message is being delivered, or has ended.
            UnknownChannelError: No channel is registered for the new destination.
            InvalidDestinationError: The channel refuses the new destination.
            InvalidHeaderError: A message must not carry one of the new headers.
            InvalidTimeError: A time is outside the years 1 to 9999.
            ExpiresTooEarlyError: The message would expire before its time.
            StoreUnavailableError: The store did not answer. It is unknown whether the message is edited.
        """
        edit = request.edit
        if edit.headers is not UNCHANGED:
            require_valid_headers(edit.headers)
        if edit.to is not UNCHANGED:
            await self._channels.check(edit.to)

        def change(message: Message, now: datetime) -> Message:
            request.require(message)
            return message.edited(_resolve_times(request, now), now)

        return await self._updater.apply(message_id, change, MessageRescheduled)


def _resolve_times(request: EditRequest, now: datetime) -> Edit:
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
