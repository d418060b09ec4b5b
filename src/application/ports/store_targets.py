"""The port that knows the store targets within the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ...domain.lease import Partition
    from ...domain.messages.store_target import StoreTarget


class StoreTargets(Protocol):
    """Streams, lists and channels that stand beside the messages, so that both can be written in one step."""

    def key_of(self, place: StoreTarget, partition: Partition) -> str:
        """Returns the key, or the channel, that a message of a partition is put into."""
        ...

    async def fault_of(self, place: StoreTarget, partition: Partition) -> str | None:
        """Returns why a message cannot be put there now, for people; `None` if it can.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        ...
