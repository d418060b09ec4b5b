"""Store targets in the memory of this process."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ...domain.messages.store_target import StoreTarget, StoreTargetKind

if TYPE_CHECKING:
    from ...domain.lease import Partition
    from ...domain.messages.message import Message


class MemoryStoreTargets:
    """Keeps the published messages of each target, in order. A stream keeps its maximal length of them."""

    def __init__(self) -> None:
        self._kinds: dict[str, StoreTargetKind] = {}
        self._published: dict[str, list[Message]] = defaultdict(list)

    def key_of(self, target: StoreTarget, partition: Partition) -> str:
        """Returns the name of the target."""
        del partition
        return target.name

    async def error_of(self, target: StoreTarget, partition: Partition) -> str | None:
        """Compares the kind with that of the first message published there."""
        kind = self._kinds.get(self.key_of(target, partition), target.kind)
        return None if kind is target.kind else f"the key holds a {kind}, not a {target.kind}"

    def publish(self, target: StoreTarget, message: Message) -> bool:
        """Publishes a message; returns false, and does not, if the target has another kind."""
        if (
            target.kind is not StoreTargetKind.PUBSUB
            and self._kinds.setdefault(target.name, target.kind) is not target.kind
        ):
            return False
        self._published[target.name].append(message)
        if target.max_length is not None:
            del self._published[target.name][: -target.max_length]
        return True

    def published_to(self, name: str) -> list[Message]:
        """Returns the messages published to a target, oldest first."""
        return list(self._published[name])
