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

MessageRow = tuple[str, int, bytes]
"""A message: its id, its due time in ms, its record."""
RetentionArgs = tuple[int, int]
"""How long messages that have ended are kept, in ms, and how many of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleUpdateRow:
    """A schedule update as the arguments of a script. `lua/parts/schedules.lua` reads them."""

    schedule_id: str
    revision_before: int
    record: bytes
    next_ms: int | None
    cancelled: MessageRow | None
    labels: bytes
    """The labels of each occurrence, as msgpack; empty if they have none."""
    occurrences: Sequence[MessageRow]

    def args(self) -> Iterable[Arg]:
        """Yields the arguments in the order in which scripts read them."""
        yield from (self.schedule_id, self.revision_before, self.record)
        yield "" if self.next_ms is None else self.next_ms
        yield from _cancelled_args(self.cancelled)
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
        """Uses the server's clock unless `now_ms` is given, which only tests do.

        A client gets its answer once the write is as durable as `durability` asks for. Planning does not wait for
        that: a planned occurrence that is lost is planned again.
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
        self, keys: PartitionKeys, retention: RetentionArgs, update: ScheduleUpdateRow
    ) -> tuple[bool, Sequence[bytes]]:
        """Writes a new schedule.

        Returns whether the partition's next due time is earlier now, and the schedule's id if it was stale.
        """
        args: list[Arg] = [self._now(), *retention, *update.args()]
        next_due_moved_up, *stale = await run(self._add_schedule, _writing_keys(keys), args)
        return next_due_moved_up == 1, stale

    async def get_schedule(self, keys: PartitionKeys, schedule_id: str) -> tuple[bytes, bytes] | None:
        """Reads a schedule; `None` if there is none of that id.

        Returns its record and the record of its next message, which is empty if that message is not waiting.
        """
        names = [keys.schedules, keys.messages, keys.due]
        reply = await run(self._get_schedule, names, [schedule_id])
        if reply is None:
            return None
        record, message = reply
        return record, message

    async def page_schedules(
        self, keys: PartitionKeys, after: str | None, limit: int
    ) -> tuple[bytes, Sequence[tuple[bytes, bytes]]]:
        """Reads schedules in the order of their ids, after an id or from the first.

        Returns the id after which there are more, empty if there are none, and the id and record of each.
        """
        begin = "-" if after is None else f"({after}"
        last, *rest = await run(self._page_schedules, [keys.schedules, keys.schedule_ids], [begin, limit])
        return last, _pairs(rest)

    async def find_due_schedules(
        self, keys: PartitionKeys, limit: int
    ) -> tuple[int, int | None, Sequence[tuple[bytes, bytes]]]:
        """Reads the schedules whose next occurrence is due.

        Returns the time in µs, the earliest next occurrence of all others in ms, and the id and record of each.
        """
        names = [keys.schedules, keys.planned]
        now_us, next_ms, *rest = await run(self._find_due_schedules, names, [self._now(), limit])
        return now_us, int(float(next_ms)) if next_ms else None, _pairs(rest)

    async def write_schedules(
        self,
        keys: PartitionKeys,
        retention: RetentionArgs,
        updates: Iterable[ScheduleUpdateRow],
        *,
        durable: bool,
    ) -> tuple[bool, Sequence[bytes]]:
        """Writes the updates that are not stale.

        Returns whether the partition's next due time is earlier now, and the ids of the stale schedules.
        """
        args: list[Arg] = [self._now(), *retention]
        for update in updates:
            args += update.args()
        script = self._write_durably if durable else self._write_schedules
        next_due_moved_up, *stale = await run(script, _writing_keys(keys), args)
        return next_due_moved_up == 1, stale

    async def remove_schedule(
        self,
        keys: PartitionKeys,
        retention: RetentionArgs,
        schedule_id: str,
        revision: int,
        cancelled: MessageRow | None,
    ) -> bool:
        """Removes a schedule; returns whether it and the message to cancel were as they had been read."""
        args: list[Arg] = [self._now(), *retention, schedule_id, revision, *_cancelled_args(cancelled)]
        return bool(await run(self._remove_schedule, _writing_keys(keys), args))


def _writing_keys(keys: PartitionKeys) -> list[str]:
    message_keys = [keys.messages, keys.due, keys.done, keys.endings, keys.labels]
    return [*message_keys, keys.schedules, keys.planned, keys.schedule_ids]


def _cancelled_args(cancelled: MessageRow | None) -> tuple[Arg, Arg, Arg]:
    return ("", 0, b"") if cancelled is None else cancelled


def _pairs(flat: Sequence[bytes]) -> Sequence[tuple[bytes, bytes]]:
    return list(zip(flat[::2], flat[1::2], strict=True))
