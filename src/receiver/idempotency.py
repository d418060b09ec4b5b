"""Handlers that handle each message once."""

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
    """One message in a handler.

    Attributes:
        repeated: whether the message was handled before, so that there is nothing to do.
    """

    def __init__(self, *, repeated: bool) -> None:
        self.repeated = repeated
        self._failed = False

    @property
    def failed(self) -> bool:
        """Whether the handler has said that it could not do its work."""
        return self._failed

    def fail(self) -> None:
        """Says, without an exception, that the message is not handled: the next attempt will be."""
        self._failed = True


@asynccontextmanager
async def idempotent(deliveries: Deliveries, message_id: str) -> AsyncIterator[Handling]:
    """Holds a message for the length of the context, which handles it unless it is `repeated`.

    What the context raises releases the message, so that the next attempt is handled. A crash between the work and
    the end of the context repeats it, which only a transaction that includes the work could prevent.

    Raises:
        InProgressError: somebody handles it at this moment.
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
