"""The search for messages that match a query, as `find_messages` accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....domain.messages.query import Position
from ....domain.messages.status import Status
from ....domain.time.instant import from_ms, to_ms
from ..records.message_record import code_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ....domain.messages.query import Query
    from ..keys import PartitionKeys

MAX_CHECKED = 1000
"""How many messages one call checks if some of them may not match."""
_DONE = frozenset((Status.DELIVERED, Status.CANCELLED, Status.EXPIRED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The arguments of `find_messages`.

    Attributes:
        queue_keys: The keys of the zsets to search.
        label: The label whose zset is searched; `None` if no label is.
        status_codes: The states to find, as in the head of a record; empty: all.
        after: The position (due in ms, id) after which to begin; `None`: with the first message.
        before_ms: The due time before which to stop; `None`: none.
        limit: How many messages to return.
        max_checked: How many messages to check.
    """

    queue_keys: Sequence[str]
    label: str | None
    status_codes: Iterable[int]
    after: tuple[int, str] | None
    before_ms: int | None
    limit: int
    max_checked: int


def search_for(keys: PartitionKeys, query: Query, after: Position | None, limit: int) -> Search:
    """Returns the search for the first messages after a position that match a query."""
    # Scripts cannot read the destination: it is in the part of the record that they do not decode.
    script_filters_all = query.to is None
    all_match = script_filters_all and _queues_hold_matches_only(query)
    return Search(
        queue_keys=[keys.labels] if query.label is not None else _queue_keys(keys, query.statuses),
        label=query.label,
        status_codes=[code_of(status) for status in query.statuses],
        after=_start(query, after),
        before_ms=None if query.due_before is None else to_ms(query.due_before),
        limit=limit if script_filters_all else MAX_CHECKED,
        max_checked=limit if all_match else MAX_CHECKED,
    )


def position_in(reply: tuple[int, bytes]) -> Position:
    """Returns the position of a reply."""
    due_ms, raw_id = reply
    return Position(due_at=from_ms(due_ms), message_id=raw_id.decode())


def _queues_hold_matches_only(query: Query) -> bool:
    """Whether the searched queues hold only messages in the states of the query."""
    if query.label is not None:
        return not query.statuses
    return query.statuses.isdisjoint(_DONE) or query.statuses >= _DONE


def _queue_keys(keys: PartitionKeys, statuses: Collection[Status]) -> Sequence[str]:
    return sorted({keys.queue(status) for status in statuses or Status})


def _start(query: Query, after: Position | None) -> tuple[int, str] | None:
    first = None if query.due_after is None else Position(due_at=query.due_after)
    start = max((position for position in (first, after) if position is not None), default=None)
    return None if start is None else (to_ms(start.due_at), start.message_id)
