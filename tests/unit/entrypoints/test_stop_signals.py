from __future__ import annotations

import asyncio
import os
import signal

from postdate.entrypoints.stop_signals import StopSignals


async def test_a_signal_calls_every_callback() -> None:
    stop, stopped = StopSignals(), asyncio.Queue[str]()
    stop.listen()
    stop.on_stop(lambda: stopped.put_nowait("loop"))
    stop.on_stop(lambda: stopped.put_nowait("server"))
    os.kill(os.getpid(), signal.SIGTERM)
    assert [await stopped.get(), await stopped.get()] == ["loop", "server"]


async def test_a_callback_registered_after_the_signal_is_called_at_once() -> None:
    stop, stopped = StopSignals(), asyncio.Queue[str]()
    stop.listen()
    stop.on_stop(lambda: stopped.put_nowait("early"))
    os.kill(os.getpid(), signal.SIGINT)
    assert await stopped.get() == "early"
    stop.on_stop(lambda: stopped.put_nowait("late"))
    assert stopped.get_nowait() == "late"


async def test_no_callback_is_called_without_a_signal() -> None:
    stop, stopped = StopSignals(), asyncio.Queue[str]()
    stop.listen()
    stop.on_stop(lambda: stopped.put_nowait("loop"))
    assert stopped.empty()
