from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.redis import clock as module
from postdate.adapters.redis.clock import StoreClock
from postdate.adapters.redis.connection.client import connect
from postdate.domain.errors import StoreUnavailableError
from tests.contracts.clock import ClockContract

if TYPE_CHECKING:
    from datetime import tzinfo

    from redis.asyncio import Redis

    from tests.integration.servers.private_server import PrivateServer

NEAR = timedelta(seconds=1)


@pytest.fixture
async def clock(redis: Redis) -> StoreClock:
    clock = StoreClock(redis)
    await clock.set()
    return clock


class TestStoreClock(ClockContract):
    pass


class _WrongWallClock(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> _WrongWallClock:
        return cls(1999, 12, 31, tzinfo=tz)


async def _time_of(redis: Redis) -> datetime:
    seconds, microseconds = await redis.time()
    return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=microseconds)


async def test_the_clock_shows_the_servers_time_even_if_the_local_wall_clock_is_wrong(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "datetime", _WrongWallClock)
    clock = StoreClock(redis)
    assert clock.now() == datetime(1999, 12, 31, tzinfo=UTC)
    await clock.set()
    before = await _time_of(redis)
    shown = clock.now()
    after = await _time_of(redis)
    assert before - NEAR < shown < after + NEAR


async def test_the_clock_continues_while_the_server_is_away(own_server: PrivateServer) -> None:
    async with connect(own_server.url) as client:
        clock = StoreClock(client)
        await clock.set()
        shown = clock.now()
        own_server.kill()
        with pytest.raises(StoreUnavailableError):
            await clock.set()
        assert shown < clock.now() < shown + timedelta(minutes=1)
