"""Handles each message once, although it may be received several times."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from .deliveries import Verdict
from .errors import InProgressError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .deliveries import Deliveries


class Handling:
    """The handling of one received message.

    Attributes:
        repeated: Whether the message was handled before, so that there is nothing to do.
    """

    def __init__(self, *, repeated: bool) -> None:
        self.repeated = repeated
        self._failed = False

    @property
    def failed(self) -> bool:
        """Whether the handler has reported that it did not handle the message."""
        return self._failed

    def fail(self) -> None:
        """Reports without an exception that the message is not handled, so that the next attempt handles it."""
        self._failed = True


@asynccontextmanager
async def idempotent(deliveries: Deliveries, message_id: str) -> AsyncIterator[Handling]:
    """Claims a message for the length of a context, which handles the message unless it is `repeated`.

    An exception in the context releases the claim, so that the next attempt is handled. A crash between the work
    and the end of the context repeats the work; only a transaction that includes the work could prevent that.

    Raises:
        InProgressError: Another caller is handling the message now.
    """
    owner = uuid4().hex
    verdict = await deliveries.claim(message_id, owner)
    if verdict is Verdict.IN_PROGRESS:
        raise InProgressError(f"message {message_id} is being handled")
    handling = Handling(repeated=verdict is Verdict.DONE)
    if handling.repeated:
        yield handling
        return
    try:
        yield handling
    except BaseException:
        await deliveries.release(message_id, owner)
        raise
    if handling.failed:
        await deliveries.release(message_id, owner)
    else:
        await deliveries.finish(message_id, owner)
