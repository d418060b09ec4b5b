"""Passes the result of a function that runs in a thread to the event loop of another thread."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

T = TypeVar("T")


def complete(future: asyncio.Future[T], function: Callable[[], T]) -> None:
    """Calls the function in the current thread and completes the future with its result or its exception.

    The future belongs to the event loop of another thread. If the future is already done, for example cancelled,
    or its loop is closed, the result is dropped.
    """
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001  # the future raises it in the thread that awaits it
        _post(future, future.set_exception, error)
    else:
        _post(future, future.set_result, result)


def _post(future: asyncio.Future[T], setter: Callable[..., None], value: object) -> None:
    def set_unless_done() -> None:
        if not future.done():
            setter(value)

    # A closed loop raises RuntimeError; nobody awaits the future any more.
    with suppress(RuntimeError):
        future.get_loop().call_soon_threadsafe(set_unless_done)
