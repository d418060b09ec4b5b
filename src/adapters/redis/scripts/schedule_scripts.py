"""The Lua scripts of schedules as typed methods. No other module calls them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....domain.durability import STORE_DURABILITY
from .durable_scripts import DurableScripts
from .loaded_scripts import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from redis.asyncio import Redis

    from ....domain.durability import Durability
    from ..keys import PartitionKeys
    from .loaded_scripts import Arg

Row = tuple[str, int, bytes]
"""A message: its id, when it is due in ms, its record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleUpdateRow:
    """A step as the scripts take it; times in ms, labels as msgpack."""

    schedule_id: str
    revision_before: int
    record: bytes
    next_ms: int | None
    withdrawn: Row | None
    labels: bytes
    occurrences: Sequence[Row]

    def args(self) -> Iterable[Arg]:
        """Yields what stands for it among the arguments."""
        yield from (self.schedule_id, self.revision_before, self.record)
        yield "" if self.next_ms is None else self.next_ms
        yield from _withdrawal(self.withdrawn)
        yield self.labels
        yield len(self.occurrences)
        for row in self.occurrences:
            yield from row


class ScheduleScripts(DurableScripts):
    """Runs the scripts on one server or cluster. Each is atomic."""

    def __init__(
        self,
        redis: Redis,
        now_ms: Callable[[], int] | None = None,
        durability: Durability = STORE_DURABILITY,
    ) -> None:
        """Uses the server's clock unless `now_ms` is given, which is for tests alone.

        A client is told of what is as durable as wanted. Planning does not wait for that: what is lost of it is
        done again.
        """
        super().__init__(redis, now_ms, durability)
        self._add_schedule = self._load_durable("schedules/add_schedule")
        self._get_schedule = self._load("schedules/get_schedule")
        self._page_schedules = self._load("schedules/page_schedules")
        self._find_due_schedules = self._load("schedules/find_due_schedules")
        self._write_schedules = self._load("schedules/write_schedules")
        self._write_durably = self._durable(self._write_schedules)
        self._remove_schedule = self._load_durable("schedules/remove_schedule")

    async def add_schedule(
        self, keys: PartitionKeys, retention: tuple[int, int], step: ScheduleUpdateRow
    ) -> tuple[bool, Sequence[bytes]]:
        """Takes a first step; returns whether the next due time is earlier now, and the id if it is stale."""
        args: list[Arg] = [self._now(), *retention, *step.args()]
        next_due_moved_up, *stale = await run(self._add_schedule, _writing(keys), args)
        return next_due_moved_up == 1, stale

    async def get_schedule(self, keys: PartitionKeys, schedule_id: str) -> tuple[bytes, bytes] | None:
        """Reads a schedule and, where it waits, its next message; `None` if there is none of that id."""
        names = [keys.schedules, keys.messages, keys.due]
        reply = await run(self._get_schedule, names, [schedule_id])
        if reply is None:
            return None
        record, message = reply
        return record, message

    async def page_schedules(
        self, keys: PartitionKeys, after: str | None, limit: int
    ) -> tuple[bytes, Sequence[tuple[bytes, bytes]]]:
        """Reads schedules behind an id, or from the first: where more are, and (id, record) each."""
        begin = "-" if after is None else f"({after}"
        last, *rest = await run(self._page_schedules, [keys.schedules, keys.schedule_ids], [begin, limit])
        return last, _pairs(rest)

    async def find_due_schedules(
        self, keys: PartitionKeys, limit: int
    ) -> tuple[int, int | None, Sequence[tuple[bytes, bytes]]]:
        """Reads what has come: now in µs, the next occurrence of all others in ms, (id, record) each."""
        names = [keys.schedules, keys.planned]
        now_us, next_ms, *rest = await run(self._find_due_schedules, names, [self._now(), limit])
        return now_us, int(float(next_ms)) if next_ms else None, _pairs(rest)

    async def write_schedules(
        self, keys: PartitionKeys, retention: tuple[int, int], steps: Iterable[ScheduleUpdateRow], *, durable: bool
    ) -> tuple[bool, Sequence[bytes]]:
        """Takes steps; returns whether the next due time is earlier now, and the ids of those that were stale."""
        args: list[Arg] = [self._now(), *retention]
        for step in steps:
            args += step.args()
        script = self._write_durably if durable else self._write_schedules
        next_due_moved_up, *stale = await run(script, _writing(keys), args)
        return next_due_moved_up == 1, stale

    async def remove_schedule(
        self,
        keys: PartitionKeys,
        retention: tuple[int, int],
        schedule_id: str,
        revision: int,
        withdrawn: Row | None,
    ) -> bool:
        """Forgets a schedule; returns whether all was as it was read."""
        args: list[Arg] = [self._now(), *retention, schedule_id, revision, *_withdrawal(withdrawn)]
        return bool(await run(self._remove_schedule, _writing(keys), args))


def _writing(keys: PartitionKeys) -> list[str]:
    queue = [keys.messages, keys.due, keys.done, keys.endings, keys.labels]
    return [*queue, keys.schedules, keys.planned, keys.schedule_ids]


def _withdrawal(withdrawn: Row | None) -> tuple[Arg, Arg, Arg]:
    return ("", 0, b"") if withdrawn is None else withdrawn


def _pairs(flat: Sequence[bytes]) -> Sequence[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))
