"""The port that creates message ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from ...domain.ids import MessageId
    from ...domain.lease import Partition


class IdGenerator(Protocol):
    """Creates ids that sort in the order in which they were created."""

    def next(self, now: datetime, partition: Partition | None = None) -> MessageId:
        """Returns an id that sorts, as text, after all earlier ids of this generator in the same partition.

        This holds even if `now` stays the same or goes back. Without a partition, the generator chooses one. Two
        generators may, very rarely, create the same id; the store refuses an id that is taken.
        """
        ...

    def partition_of(self, message_id: str) -> Partition | None:
        """Returns the partition in an id; `None` if no generator of this kind creates such an id."""
        ...


def partition_in(ids: IdGenerator, known_id: str) -> Partition:
    """Returns the partition in an id that a generator of this kind has created.

    Raises:
        ValueError: No generator of this kind creates such an id.
    """
    partition = ids.partition_of(known_id)
    if partition is None:
        msg = f"{known_id} contains no partition"
        raise ValueError(msg)
    return partition
