from __future__ import annotations

import asyncio
import os
import signal

from postdate.entrypoints.process import StopSignals


async def test_a_signal_calls_everyone_who_wants_to_know() -> None:
    stop, stopped = StopSignals(), asyncio.Queue[str]()
    stop.listen()
    stop.when_asked(lambda: stopped.put_nowait("loop"))
    stop.when_asked(lambda: stopped.put_nowait("server"))
    os.kill(os.getpid(), signal.SIGTERM)
    assert [await stopped.get(), await stopped.get()] == ["loop", "server"]


async def test_who_comes_after_the_signal_is_told_at_once() -> None:
    stop, stopped = StopSignals(), asyncio.Queue[str]()
    stop.listen()
    stop.when_asked(lambda: stopped.put_nowait("early"))
    os.kill(os.getpid(), signal.SIGINT)
    assert await stopped.get() == "early"
    stop.when_asked(lambda: stopped.put_nowait("late"))
    assert stopped.get_nowait() == "late"


async def test_without_a_signal_nobody_is_called() -> None:
    stop, stopped = StopSignals(), asyncio.Queue[str]()
    stop.listen()
    stop.when_asked(lambda: stopped.put_nowait("loop"))
    assert stopped.empty()
