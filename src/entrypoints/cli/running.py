"""Runs a command's coroutine to its end."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any, TypeVar

from ...domain.errors import PostdateError

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine in uvloop, or in asyncio's own loop where uvloop is not installed.

    Of a group of errors it raises the first one alone.
    """
    result: list[T] = []
    _tune_garbage_collection()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            result.append(runner.run(work))
    except* PostdateError as errors:
        raise _first(errors) from None
    # Python forbids `return` within a block that has `except*`.
    return result[0]


def _tune_garbage_collection() -> None:
    """Exempts what is loaded by now from garbage collection, and collects less often.

    By default Python collects after each 700 new objects. A batch of messages makes thousands, none of them
    garbage before it is settled: collecting took a tenth of a delivery's time.
    """
    gc.freeze()
    gc.set_threshold(10_000)


def _first(errors: BaseExceptionGroup[Any]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _loop_factory() -> Any:  # noqa: ANN401  # uvloop has no types for it on every platform
    try:
        import uvloop  # noqa: PLC0415  # not installed where it has no wheel
    except ImportError:
        return None
    return uvloop.new_event_loop
