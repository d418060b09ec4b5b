"""Runs several calls at the same time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence

T = TypeVar("T")


async def all_of(calls: Iterable[Coroutine[Any, Any, T]]) -> Sequence[T]:
    """Runs calls at the same time and returns their results in the order of the calls.

    If a call raises, the first error in that order is raised after all calls have ended. So no call is still
    running when this function returns or raises.
    """
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]
