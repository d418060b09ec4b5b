"""Questions that are asked at the same time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence

T = TypeVar("T")


async def all_of(calls: Iterable[Coroutine[Any, Any, T]]) -> Sequence[T]:
    """Returns all answers, in the order of the calls; raises a fault once every call has ended.

    So none is under way still when the caller is told.
    """
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if not isinstance(answer, BaseException)]
