"""Runs the coroutine of a command in an event loop."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any, TypeVar

from ...domain.errors import PostdateError

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine in uvloop, or in asyncio's own loop if uvloop is not installed, and returns its result.

    Raises:
        PostdateError: The coroutine raised it. If it raised a group of errors, only the first one is raised.
    """
    result: list[T] = []
    _tune_garbage_collection()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            result.append(runner.run(work))
    except* PostdateError as errors:
        raise _first(errors) from None
    # Python forbids `return` inside `except*`, so the result leaves the block in a list.
    return result[0]


def _tune_garbage_collection() -> None:
    """Excludes the objects that exist now from garbage collection, and makes collections less frequent.

    By default Python collects after every 700 new objects. A batch of messages creates thousands, none of which is
    garbage before the batch is settled. Collecting took a tenth of the time of a delivery.
    """
    gc.freeze()
    gc.set_threshold(10_000)


def _first(errors: BaseExceptionGroup[Any]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _loop_factory() -> Any:  # noqa: ANN401  # uvloop is not typed on every platform
    try:
        import uvloop  # noqa: PLC0415  # not installed on platforms without a wheel
    except ImportError:
        return None
    return uvloop.new_event_loop
