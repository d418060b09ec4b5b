"""How a message that is there already is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..domain.errors import MessageNotFoundError
from ..domain.message import MessageId

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..domain.message import Message
    from .ports.doorbell import Doorbell
    from .ports.id_generator import IdGenerator
    from .ports.message_store import MessageStore


class Changes:
    """Applies a change to a message, and wakes who sleeps for too long because of it."""

    def __init__(self, store: MessageStore, ids: IdGenerator, doorbell: Doorbell) -> None:
        self._store = store
        self._ids = ids
        self._doorbell = doorbell

    async def apply(self, message_id: str, change: Callable[[Message], Message]) -> Message:
        """Returns the message as changed, in one step with its look-up. What `change` raises is raised.

        Raises:
            MessageNotFoundError: there is none of that id, or no longer.
            StoreUnavailableError: the store did not answer; whether it is changed is unknown.
        """
        partition = self._ids.partition_of(message_id)
        if partition is None:
            raise MessageNotFoundError(message_id)
        changed = await self._store.change(MessageId(message_id), change)
        if changed is None:
            raise MessageNotFoundError(message_id)
        if changed.hastened:
            self._doorbell.ring((partition,))
        return changed.message
