"""The port that names messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from ...domain.ids import MessageId
    from ...domain.lease import Partition


class IdGenerator(Protocol):
    """Makes ids that sort in the order in which they were made."""

    def next(self, now: datetime, partition: Partition | None = None) -> MessageId:
        """Returns an id that sorts, as text, behind every earlier one of this generator and partition.

        Also when `now` goes back or stays. It chooses the partition, unless it is told one. Two generators may,
        very rarely, make the same id: a store refuses the one it has already.
        """
        ...

    def partition_of(self, message_id: str) -> Partition | None:
        """Returns the partition that an id names; `None` if it is not an id that this scheme makes."""
        ...


def partition_in(ids: IdGenerator, known_id: str) -> Partition:
    """Returns the partition that an id names which was made by this scheme.

    Raises:
        ValueError: it was not.
    """
    partition = ids.partition_of(known_id)
    if partition is None:
        msg = f"{known_id} names no partition"
        raise ValueError(msg)
    return partition
