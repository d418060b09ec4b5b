"""The event feed in Redis: a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...application.ports.event_feed import BEGINNING, FeedEntry
from .connection.driver_errors import answered
from .records.event_record import decode_events, encode_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis

    from ...application.events.message_event import MessageEvent
    from .keys import KeySpace

LISTENER_LIFETIME_MS = 60_000
"""How long a listener counts."""
MAX_ENTRIES = 1_000
"""About how many entries are kept."""
STREAM_LIFETIME_SECONDS = 3_600
"""How long the stream is kept after the last listener."""
_FIELD = b"e"


class RedisEventFeed:
    """One stream per namespace. Each entry holds all events that an instance has collected, so entries are few."""

    def __init__(self, redis: Redis, keys: KeySpace) -> None:
        self._redis = redis
        self._stream = keys.events
        self._listening = keys.listening

    async def append(self, events: Sequence[MessageEvent]) -> None:
        """Appends an entry by one command."""
        record = encode_events(events)
        await self._execute("XADD", self._stream, "MAXLEN", "~", MAX_ENTRIES, "*", _FIELD, record)

    async def has_listeners(self) -> bool:
        """Checks whether the key that listeners set exists."""
        return await self._execute("GET", self._listening) is not None

    async def listen(self) -> None:
        """Sets a key that expires."""
        if await self._execute("SET", self._listening, 1, "PX", LISTENER_LIFETIME_MS, "GET") is None:
            await self.append(())
        await self._execute("EXPIRE", self._stream, STREAM_LIFETIME_SECONDS)

    async def latest(self) -> str:
        """Reads the last entry of the stream."""
        entries = await self._execute("XREVRANGE", self._stream, "+", "-", "COUNT", 1)
        return entries[0][0].decode() if entries else BEGINNING

    async def has(self, entry_id: str) -> bool:
        """Reads an entry. The stream is trimmed at its beginning only, so all later entries are kept, too."""
        return bool(await self._execute("XRANGE", self._stream, entry_id, entry_id, "COUNT", 1))

    async def read(self, after: str, limit: int, *, inclusive: bool = False) -> Sequence[FeedEntry]:
        """Reads a range of the stream."""
        begin = after if inclusive else f"({after}"
        entries = await self._execute("XRANGE", self._stream, begin, "+", "COUNT", limit)
        return [FeedEntry(id=raw_id.decode(), events=_events_of(fields)) for raw_id, fields in entries]

    async def _execute(self, *command: Any) -> Any:  # noqa: ANN401  # replies differ
        async with answered():
            return await self._redis.execute_command(*command)  # type: ignore[no-untyped-call]  # untyped in the driver


def _events_of(fields: dict[bytes, bytes]) -> Sequence[MessageEvent]:
    record = fields.get(_FIELD)
    return () if record is None else decode_events(record)
