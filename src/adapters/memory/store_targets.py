"""The store targets within this process's memory."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ...domain.messages.store_target import StoreTarget, StoreTargetKind

if TYPE_CHECKING:
    from ...domain.lease import Partition
    from ...domain.messages.message import Message


class MemoryStoreTargets:
    """What was put where, in the order of the hand-overs. A stream forgets what is more than its length."""

    def __init__(self) -> None:
        self._kinds: dict[str, StoreTargetKind] = {}
        self._put: dict[str, list[Message]] = defaultdict(list)

    def key_of(self, place: StoreTarget, partition: Partition) -> str:
        """Returns the name."""
        del partition
        return place.name

    async def fault_of(self, place: StoreTarget, partition: Partition) -> str | None:
        """Looks at what was put there first."""
        held = self._kinds.get(self.key_of(place, partition), place.kind)
        return None if held is place.kind else f"the key holds a {held}, not a {place.kind}"

    def put(self, place: StoreTarget, message: Message) -> bool:
        """Puts a message there; returns whether that can be."""
        if (
            place.kind is not StoreTargetKind.PUBSUB
            and self._kinds.setdefault(place.name, place.kind) is not place.kind
        ):
            return False
        self._put[place.name].append(message)
        if place.max_length is not None:
            del self._put[place.name][: -place.max_length]
        return True

    def held_by(self, name: str) -> list[Message]:
        """Returns what was put there, oldest first."""
        return list(self._put[name])
