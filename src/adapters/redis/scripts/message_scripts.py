"""The Lua scripts that add, read and change messages, as typed methods. No other module runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....domain.durability import STORE_DURABILITY
from .durable_scripts import DurableScripts
from .loaded_scripts import optional_int, run
from .replies import FindReply, MessageReply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from redis.asyncio import Redis

    from ....domain.durability import Durability
    from ..keys import PartitionKeys
    from .loaded_scripts import Arg
    from .search import Search


class MessageScripts(DurableScripts):
    """The scripts on one server or cluster. Each is atomic.

    Those that add or change messages return once their writes have the configured durability.
    """

    def __init__(
        self,
        redis: Redis,
        now_ms: Callable[[], int] | None = None,
        durability: Durability = STORE_DURABILITY,
    ) -> None:
        """Uses the clock of the server, or `now_ms` in tests."""
        super().__init__(redis, now_ms, durability)
        self._add_messages = self._load_durable("messages/add_messages")
        self._add_keyed_messages = self._load_durable("messages/add_keyed_messages")
        self._get_message = self._load("messages/get_message")
        self._find_messages = self._load("messages/find_messages")
        self._count_due = self._load("messages/count_due")
        self._change_message = self._load_durable("messages/change_message")

    async def add_messages(
        self, keys: PartitionKeys, messages: Iterable[tuple[str, int, bytes, bytes]]
    ) -> tuple[bool, Sequence[bytes]]:
        """Stores messages, each as (id, due in ms, record, labels).

        Returns whether the next due time became earlier, and the ids that were taken.
        """
        args: list[Arg] = [0]
        labelled: list[Arg] = []
        for number, (message_id, due_ms, record, labels) in enumerate(messages, start=1):
            args[0] = number
            args += (message_id, due_ms, record)
            if labels:
                labelled += (number, labels)
        # While a slot of a cluster moves, a script waits for each of its keys that does not exist yet.
        names = [keys.messages, keys.due, *([keys.labels] if labelled else [])]
        next_due_moved_up, *refused = await run(self._add_messages, names, args + labelled)
        return next_due_moved_up == 1, refused

    async def add_keyed_messages(
        self, keys: PartitionKeys, kept_ms: int, messages: Sequence[tuple[str, str, int, bytes, bytes, bytes]]
    ) -> tuple[bool, Sequence[bytes]]:
        """Stores messages, each as (key, id, due in ms, record, labels, fingerprint).

        Returns whether the next due time became earlier, and a reply for each message: see `key_result_of`.
        """
        names = [keys.messages, keys.due, keys.labels, *(keys.request_key(key) for key, *_ in messages)]
        args: list[Arg] = [self._now(), kept_ms]
        for _, message_id, due_ms, record, labels, fingerprint in messages:
            args += (message_id, due_ms, record, labels, fingerprint)
        next_due_moved_up, *answers = await run(self._add_keyed_messages, names, args)
        return next_due_moved_up == 1, answers

    async def get_message(self, keys: PartitionKeys, message_id: str) -> MessageReply | None:
        """Reads a message; `None` if no message has this id."""
        names = [keys.messages, keys.claims, keys.claimed, keys.owners]
        reply = await run(self._get_message, names, [message_id])
        return None if reply is None else _message(*reply)

    async def find_messages(self, keys: PartitionKeys, search: Search) -> FindReply:
        """Reads messages in due order. The queue key `labels` stands for the zset of the search's label."""
        names = [
            keys.messages,
            keys.due,
            keys.done,
            keys.dead,
            keys.claims,
            keys.claimed,
            keys.owners,
            keys.labels,
        ]
        numbers = "".join(str(names.index(queue_key) + 1) for queue_key in search.queue_keys)
        after_ms, after_id = search.after or ("-inf", "")
        before_ms = "inf" if search.before_ms is None else search.before_ms
        codes = "".join(str(code) for code in search.status_codes)
        args: list[Arg] = [numbers, search.label or "", codes, after_ms, after_id, before_ms]
        due_ms, last, *rest = await run(self._find_messages, names, [*args, search.limit, search.max_checked])
        rows = zip(rest[::4], rest[1::4], rest[2::4], rest[3::4], strict=True)
        return FindReply(
            messages=[(message_id, _message(*reply)) for message_id, *reply in rows],
            next=(int(due_ms), last) if due_ms else None,
        )

    async def count_due(
        self, keys: PartitionKeys, begins_ms: int | None, ends_ms: int, step_ms: int, steps: int
    ) -> Sequence[int]:
        """Counts the waiting messages in each of several steps of due time.

        Args:
            keys: The keys of the partition.
            begins_ms: The start of the first step; `None`: it has no start.
            ends_ms: The end of the first step.
            step_ms: The length of the other steps.
            steps: The number of steps.
        """
        args: list[Arg] = ["-inf" if begins_ms is None else begins_ms, ends_ms, step_ms, steps]
        counts: Sequence[int] = await run(self._count_due, [keys.due], args)
        return counts

    async def change_message(
        self,
        keys: PartitionKeys,
        retention: tuple[int, int],
        message_id: str,
        *,
        was: tuple[str, bytes],
        becomes: tuple[str, int, bytes, bytes],
    ) -> bool | None:
        """Writes the next state of a message, if the message has not changed.

        Args:
            keys: The keys of the partition.
            retention: The maximal age in ms and the maximal number of ended messages that are kept.
            message_id: The id of the message.
            was: The queue key and the record, as they were read.
            becomes: The next queue key, due time in ms, record and labels.

        Returns:
            Whether the next due time became earlier; `None` if the message has changed, and nothing was written.
        """
        names = [keys.messages, keys.due, keys.done, keys.dead, keys.endings, keys.labels]
        queue_key, record = was
        next_queue_key, due_ms, *writes = becomes
        numbers = [names.index(queue_key) + 1, names.index(next_queue_key) + 1]
        args: list[Arg] = [self._now(), *retention, message_id, record]
        next_due_moved_up = await run(self._change_message, names, [*args, *numbers, due_ms, *writes])
        return None if next_due_moved_up == -1 else next_due_moved_up == 1


def _message(record: bytes, claimed_ms: bytes, owner: bytes) -> MessageReply:
    return MessageReply(record=record, claimed_ms=optional_int(claimed_ms), owner=owner.decode())
