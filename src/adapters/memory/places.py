"""The places within this process's memory."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ...domain.place import Place, PlaceKind

if TYPE_CHECKING:
    from ...domain.lease import Partition
    from ...domain.message import Message


class MemoryPlaces:
    """What was put where, in the order of the hand-overs. A stream forgets what is more than its length."""

    def __init__(self) -> None:
        self._kinds: dict[str, PlaceKind] = {}
        self._put: dict[str, list[Message]] = defaultdict(list)

    def key_of(self, place: Place, partition: Partition) -> str:
        """Returns the name."""
        del partition
        return place.name

    async def fault_of(self, place: Place, partition: Partition) -> str | None:
        """Looks at what was put there first."""
        held = self._kinds.get(self.key_of(place, partition), place.kind)
        return None if held is place.kind else f"the key holds a {held}, not a {place.kind}"

    def put(self, place: Place, message: Message) -> bool:
        """Puts a message there; returns whether that can be."""
        if place.kind is not PlaceKind.PUBSUB and self._kinds.setdefault(place.name, place.kind) is not place.kind:
            return False
        self._put[place.name].append(message)
        if place.max_length is not None:
            del self._put[place.name][: -place.max_length]
        return True

    def held_by(self, name: str) -> list[Message]:
        """Returns what was put there, oldest first."""
        return list(self._put[name])
