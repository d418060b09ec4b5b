"""The port that knows which partitions there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...domain.lease import Partition


class PartitionRegistry(Protocol):
    """Remembers every partition that messages were ever spread over, for all instances of a namespace.

    Both methods may raise `StoreUnavailableError`.
    """

    async def register(self, partitions: Collection[Partition]) -> None:
        """Adds partitions, as durably as the store keeps messages. Repeating it does no harm.

        None is ever taken out, so that instances which spread messages over fewer strand nobody's.

        Raises:
            StoreFullError: there is no room.
        """
        ...

    async def known(self) -> frozenset[Partition]:
        """Returns all partitions that were ever registered."""
        ...
