"""The feed of what happens, as a stream in Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ...application.events.message_event import MessageEvent
from ...application.ports.event_feed import BEGINNING, FeedEntry
from ...domain.ids import MessageId
from ...domain.messages.status import Status  # noqa: TC001  # msgspec reads the annotations below while it runs
from ...domain.messages.timeline import EventKind  # noqa: TC001  # likewise
from ...domain.time.instant import from_ms, to_ms
from .connection.driver_errors import answered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis

    from .keys import KeySpace

HEARD_FOR_MS = 60_000
MAX_ENTRIES = 1_000
KEPT_FOR_SECONDS = 3_600
"""How long after the last entry, or the last listener, the stream is removed."""
_FIELD = b"e"


class _Written(msgspec.Struct, array_like=True, frozen=True):
    kind: EventKind
    at_ms: int
    message_id: str
    status: Status
    to: str
    labels: tuple[str, ...]
    due_ms: int
    attempts: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[_Written, ...]).decode


class RedisEventFeed:
    """One stream per namespace. An entry carries what an instance has gathered: a thousand events are ten."""

    def __init__(self, redis: Redis, keys: KeySpace) -> None:
        self._redis = redis
        self._stream = keys.events
        self._listening = keys.listening

    async def append(self, events: Sequence[MessageEvent]) -> None:
        """Adds an entry by one command."""
        content = _encode([_write(event) for event in events])
        await self._ask("XADD", self._stream, "MAXLEN", "~", MAX_ENTRIES, "*", _FIELD, content)

    async def has_listeners(self) -> bool:
        """Looks whether the key is there that listeners set."""
        return await self._ask("GET", self._listening) is not None

    async def listen(self) -> None:
        """Sets the key, which goes by itself."""
        if await self._ask("SET", self._listening, 1, "PX", HEARD_FOR_MS, "GET") is None:
            await self.append(())
        await self._ask("EXPIRE", self._stream, KEPT_FOR_SECONDS)

    async def latest(self) -> str:
        """Reads the stream's last entry."""
        entries = await self._ask("XREVRANGE", self._stream, "+", "-", "COUNT", 1)
        return entries[0][0].decode() if entries else BEGINNING

    async def has(self, entry_id: str) -> bool:
        """Looks for an entry. The stream is trimmed from its beginning on alone."""
        return bool(await self._ask("XRANGE", self._stream, entry_id, entry_id, "COUNT", 1))

    async def read(self, after: str, limit: int, *, inclusive: bool = False) -> Sequence[FeedEntry]:
        """Reads a part of the stream."""
        begin = after if inclusive else f"({after}"
        entries = await self._ask("XRANGE", self._stream, begin, "+", "COUNT", limit)
        return [FeedEntry(id=raw_id.decode(), events=_read(fields)) for raw_id, fields in entries]

    async def _ask(self, *command: Any) -> Any:  # noqa: ANN401  # replies differ
        async with answered():
            return await self._redis.execute_command(*command)  # type: ignore[no-untyped-call]  # as redis has it


def _write(event: MessageEvent) -> _Written:
    return _Written(
        kind=event.kind,
        at_ms=to_ms(event.at),
        message_id=event.message_id,
        status=event.status,
        to=event.to,
        labels=event.labels,
        due_ms=to_ms(event.due_at),
        attempts=event.attempts,
    )


def _read(fields: dict[bytes, bytes]) -> Sequence[MessageEvent]:
    """Returns what an entry says; of one that another version has written, nothing, as if it were missing."""
    try:
        written = _decode(fields[_FIELD])
    except (KeyError, msgspec.MsgspecError):
        return ()
    return tuple(
        MessageEvent(
            kind=it.kind,
            at=from_ms(it.at_ms),
            message_id=MessageId(it.message_id),
            status=it.status,
            to=it.to,
            labels=it.labels,
            due_at=from_ms(it.due_ms),
            attempts=it.attempts,
        )
        for it in written
    )
