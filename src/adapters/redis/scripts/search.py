"""From what is asked for to where in the store it is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....domain.messages.query import Position
from ....domain.messages.status import Status
from ....domain.time.instant import from_ms, to_ms
from ..records.message_record import code_of
from .replies import Search

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ....domain.messages.query import Query
    from ..keys import PartitionKeys

REACH = 1000
"""How many messages one call looks at where not all of them may be what is asked for."""
_DONE = frozenset((Status.DELIVERED, Status.CANCELLED, Status.EXPIRED))


def search_for(keys: PartitionKeys, query: Query, after: Position | None, limit: int) -> Search:
    """Returns how to look for the first messages behind a position."""
    # The destination stands in a part of the record that scripts do not read.
    seen_by_script = query.to is None
    exact = seen_by_script and _holds_nothing_else(query)
    return Search(
        store_targets=[keys.labels] if query.label is not None else _places(keys, query.statuses),
        label=query.label,
        codes=[code_of(status) for status in query.statuses],
        after=_start(query, after),
        before_ms=None if query.due_before is None else to_ms(query.due_before),
        limit=limit if seen_by_script else REACH,
        reach=limit if exact else REACH,
    )


def position_in(place: tuple[int, bytes]) -> Position:
    """Returns a position that a script has named."""
    due_ms, raw_id = place
    return Position(due_at=from_ms(due_ms), message_id=raw_id.decode())


def _holds_nothing_else(query: Query) -> bool:
    """Whether the orders that are looked through hold nothing but what is asked for, by its state."""
    if query.label is not None:
        return not query.statuses
    return query.statuses.isdisjoint(_DONE) or query.statuses >= _DONE


def _places(keys: PartitionKeys, statuses: Collection[Status]) -> Sequence[str]:
    wanted = frozenset(statuses or Status)
    store_targets = {
        keys.due: Status.SCHEDULED in wanted,
        keys.done: not wanted.isdisjoint(_DONE),
        keys.dead: Status.DEAD in wanted,
        keys.claims: Status.DELIVERING in wanted,
    }
    return [place for place, looked_through in store_targets.items() if looked_through]


def _start(query: Query, after: Position | None) -> tuple[int, str] | None:
    first = None if query.due_after is None else Position(due_at=query.due_after)
    start = max((position for position in (first, after) if position is not None), default=None)
    return None if start is None else (to_ms(start.due_at), start.message_id)
