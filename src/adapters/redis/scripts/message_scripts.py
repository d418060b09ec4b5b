"""The Lua scripts as typed methods. No other module calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....domain.durability import STORE_DURABILITY, DurabilityLevel
from .loaded_scripts import LoadedScripts, run
from .replies import ClaimReply, FindReply, MessageReply, PartitionStateReply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from redis.asyncio import Redis

    from ....domain.durability import Durability
    from ..keys import PartitionKeys
    from .loaded_scripts import Arg
    from .replies import Search


class MessageScripts(LoadedScripts):
    """Runs the scripts on one server or cluster. Each is atomic."""

    def __init__(
        self,
        redis: Redis,
        now_ms: Callable[[], int] | None = None,
        durability: Durability = STORE_DURABILITY,
    ) -> None:
        """Uses the server's clock unless `now_ms` is given, which is for tests alone.

        A client is told what came of adding and changing, so these answer once they are as durable as wanted.
        Deliveries do not wait for that: what is lost of a claim or a settlement is done again.
        """
        super().__init__(redis, now_ms, durability)
        self._confirm = self._durable(self._mark_write)
        self._add_messages = self._load_durable("messages/add_messages")
        self._add_keyed_messages = self._load_durable("messages/add_keyed_messages")
        self._get_message = self._load("messages/get_message")
        self._count_due = self._load("messages/count_due")
        self._find_messages = self._load("messages/find_messages")
        self._change_message = self._load_durable("messages/change_message")
        self._claim_due = self._load("messages/claim_due")
        self._settle_claims = self._load("messages/settle_claims")
        self._publish_and_settle = self._load("messages/publish_and_settle")
        self._get_partition_state = self._load("messages/get_partition_state")
        self._acquire_lease = self._load("leases/acquire_lease")
        self._renew_lease = self._load("leases/renew_lease")
        self._give_back_claims = self._load("messages/give_back_claims")
        self._acquire_role = self._load("leases/acquire_role")
        self._resign_role = self._load("leases/resign_role")

    @property
    def wait_for_more(self) -> bool:
        """Whether a client is told what came of a change only after more than the server's own answer."""
        return self._durability.level is not DurabilityLevel.STORE

    async def add_messages(
        self, keys: PartitionKeys, messages: Iterable[tuple[str, int, bytes, bytes]]
    ) -> tuple[bool, Sequence[bytes]]:
        """Stores (id, due in ms, record, labels) each; says whether it hastens, and which ids are taken."""
        args: list[Arg] = [0]
        labelled: list[Arg] = []
        for number, (message_id, due_ms, record, labels) in enumerate(messages, start=1):
            args[0] = number
            args += (message_id, due_ms, record)
            if labels:
                labelled += (number, labels)
        # While a slot moves, a script waits for every key that it names and that is not there yet.
        names = [keys.messages, keys.due, *([keys.labels] if labelled else [])]
        next_due_moved_up, *refused = await run(self._add_messages, names, args + labelled)
        return next_due_moved_up == 1, refused

    async def add_keyed_messages(
        self, keys: PartitionKeys, kept_ms: int, messages: Sequence[tuple[str, str, int, bytes, bytes, bytes]]
    ) -> tuple[bool, Sequence[bytes]]:
        """Stores (key, id, due in ms, record, labels, fingerprint) each; says if it hastens, and each answer."""
        names = [keys.messages, keys.due, keys.labels, *(keys.request_key(key) for key, *_ in messages)]
        args: list[Arg] = [self._now(), kept_ms]
        for _, message_id, due_ms, record, labels, fingerprint in messages:
            args += (message_id, due_ms, record, labels, fingerprint)
        next_due_moved_up, *answers = await run(self._add_keyed_messages, names, args)
        return next_due_moved_up == 1, answers

    async def get_message(self, keys: PartitionKeys, message_id: str) -> MessageReply | None:
        """Reads a message; `None` if there is none of that id."""
        names = [keys.messages, keys.claims, keys.claimed, keys.owners]
        reply = await run(self._get_message, names, [message_id])
        if reply is None:
            return None
        return _message(*reply)

    async def find_messages(self, keys: PartitionKeys, search: Search) -> FindReply:
        """Reads messages in due order; the key `labels` stands for the order of the label."""
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
        numbers = "".join(str(names.index(place) + 1) for place in search.store_targets)
        after_ms, after_id = search.after or ("-inf", "")
        before_ms = "inf" if search.before_ms is None else search.before_ms
        codes = "".join(str(code) for code in search.codes)
        args: list[Arg] = [numbers, search.label or "", codes, after_ms, after_id, before_ms]
        due_ms, last, *rest = await run(self._find_messages, names, [*args, search.limit, search.reach])
        rows = zip(rest[::4], rest[1::4], rest[2::4], rest[3::4], strict=True)
        return FindReply(
            messages=[(message_id, _message(*reply)) for message_id, *reply in rows],
            next=(int(due_ms), last) if due_ms else None,
        )

    async def count_due(
        self, keys: PartitionKeys, span_ms: tuple[int | None, int, int], steps: int
    ) -> Sequence[int]:
        """Counts by steps; the span is when the first begins (`None`: ever) and ends, and how long others are."""
        begins_ms, ends_ms, step_ms = span_ms
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
        """Writes (key it goes to, due in ms, record, labels) where (key, record) still is; `None` where it is not.

        Returns whether the next due time is earlier now. Retention is an age in ms and a count.
        """
        names = [keys.messages, keys.due, keys.done, keys.dead, keys.endings, keys.labels]
        place, record = was
        next_place, due_ms, *writes = becomes
        numbers = [names.index(place) + 1, names.index(next_place) + 1]
        args: list[Arg] = [self._now(), *retention, message_id, record]
        next_due_moved_up = await run(self._change_message, names, [*args, *numbers, due_ms, *writes])
        return None if next_due_moved_up == -1 else next_due_moved_up == 1

    async def claim_due(self, keys: PartitionKeys, token: int, limit: int) -> ClaimReply | None:
        """Claims due messages; `None` if the lease ran out."""
        reply = await run(
            self._claim_due,
            _claiming(keys),
            [self._now(), token, limit],
        )
        if reply is None:
            return None
        now_us, next_due, next_expiry, given_back, *rest = reply
        return ClaimReply(
            now_us=now_us,
            next_due_ms=_optional(next_due),
            next_expiry_ms=_optional(next_expiry),
            given_back=given_back,
            records=list(zip(rest[::2], rest[1::2], strict=True)),
        )

    async def settle_claims(
        self,
        keys: PartitionKeys,
        retention: tuple[int, int],
        token: int,
        settled: Iterable[tuple[str, str, int, bytes]],
    ) -> Sequence[bytes]:
        """Writes (id, key it goes to, due in ms, record) each; returns the ids whose claims are lost."""
        names = [keys.messages, keys.due, keys.done, keys.dead, keys.endings]
        names += [keys.claims, keys.claimed, keys.labels]
        args: list[Arg] = [self._now(), *retention, token]
        for message_id, key, due_ms, record in settled:
            args += (message_id, names.index(key) + 1, due_ms, record)
        lost: Sequence[bytes] = await run(self._settle_claims, names, args)
        return lost

    async def publish_and_settle(
        self,
        keys: PartitionKeys,
        retention: tuple[int, int],
        token: int,
        place: tuple[str, str, int | None],
        settled: Iterable[tuple[str, int, bytes, bytes, str, bytes]],
    ) -> Sequence[bytes]:
        """Puts messages into (kind, key, most entries) and settles them; returns the ids whose claims are lost.

        A message is (id, due in ms, record, body, scheduled for, labels).
        """
        kind, key, most = place
        names = [keys.messages, keys.due, keys.done, keys.endings, *_holding(keys), keys.labels, key]
        args: list[Arg] = [self._now(), *retention, token, kind, "" if most is None else most]
        for message in settled:
            args += message
        lost: Sequence[bytes] = await run(self._publish_and_settle, names, args)
        return lost

    async def get_partition_state(self, keys: PartitionKeys) -> PartitionStateReply:
        """Reads what lies ahead in a partition."""
        now_us, next_due, *rest = await run(
            self._get_partition_state, [keys.due, keys.leases, keys.seats], [self._now()]
        )
        roles = [(role, int(runs_out)) for role, runs_out in zip(rest[::2], rest[1::2], strict=True)]
        return PartitionStateReply(now_us=now_us, next_due_ms=_optional(next_due), roles_ms=roles)

    async def acquire_lease(self, keys: PartitionKeys, ttl_ms: int, owner: str) -> int:
        """Grants a lease; returns its fencing token."""
        names = [keys.leases, keys.owners, keys.token]
        return int(await run(self._acquire_lease, names, [self._now(), ttl_ms, owner]))

    async def renew_lease(self, keys: PartitionKeys, token: int, ttl_ms: int) -> bool:
        """Renews a lease; returns whether it lives on."""
        return bool(await run(self._renew_lease, [keys.leases], [self._now(), token, ttl_ms]))

    async def give_back_claims(
        self, keys: PartitionKeys, token: int, *, end_lease: bool, kept: Iterable[str] = ()
    ) -> int:
        """Gives back the claims of a lease but for those kept; returns how many that were."""
        args: list[Arg] = [token, int(end_lease), *kept]
        return int(await run(self._give_back_claims, _claiming(keys), args))

    async def acquire_role(self, keys: PartitionKeys, token: int, role: str) -> bool | None:
        """Takes a role; returns whether it was free, `None` if the lease ran out."""
        reply = await run(self._acquire_role, [keys.leases, keys.seats], [self._now(), token, role])
        return None if reply is None else reply == 1

    async def resign_role(self, keys: PartitionKeys, token: int, role: str) -> bool:
        """Frees a role; returns whether the lease had it."""
        return bool(await run(self._resign_role, [keys.seats], [token, role]))

    async def mark_write(self, keys: PartitionKeys) -> None:
        """Returns once all that was written before is as durable as wanted; so is the mark it writes for that."""
        await run(self._confirm, [keys.mark], [])


def _claiming(keys: PartitionKeys) -> list[str]:
    return [keys.messages, keys.due, *_holding(keys)]


def _holding(keys: PartitionKeys) -> list[str]:
    return [keys.claims, keys.claimed, keys.leases, keys.owners, keys.seats]


def _message(record: bytes, claimed_ms: bytes, owner: bytes) -> MessageReply:
    return MessageReply(record=record, claimed_ms=_optional(claimed_ms), owner=owner.decode())


def _optional(number: bytes) -> int | None:
    return int(float(number)) if number else None
