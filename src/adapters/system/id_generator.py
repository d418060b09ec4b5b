"""Short ids that sort by time: twelve characters for up to 62 partitions."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from ...domain.ids import MessageId
from ...domain.lease import Partition
from ...domain.time.instant import to_ms

if TYPE_CHECKING:
    from collections.abc import Callable

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""In the order of their code points, so that numbers of equal length sort as text the way they count."""
_VALUES = {digit: value for value, digit in enumerate(DIGITS)}
_PAIRS = [first + second for first in DIGITS for second in DIGITS]
_KNOWN = frozenset(DIGITS)
_BASE = len(DIGITS)
_TIME_WIDTH = 7
_COUNT_WIDTH = 4
_MAX_PARTITION_WIDTH = 3
_COUNTS = _BASE**_COUNT_WIDTH
_EPOCH_MS = to_ms(datetime(2020, 1, 1, tzinfo=UTC))
_LAST_MS = _EPOCH_MS + _BASE**_TIME_WIDTH - 1
"""In the year 2131."""


class ShortIdGenerator:
    """Makes ids of a time, a count within its millisecond, and a partition, all to base 62.

    The count begins somewhere in the lower half of its range, drawn anew each millisecond, so that two generators
    seldom meet: of two that make 100 ids each in the same millisecond, about one pair in 70,000 does. The time
    never goes back, and runs ahead of the clock if a millisecond ever needs more than seven million ids. Twelve
    characters and the four bytes Redis adds fit 16 bytes, the smallest size that its allocator would give.
    """

    def __init__(self, partitions: int, draw: Callable[[int], int] | None = None) -> None:
        """Spreads ids over that many partitions in turn; `draw(n)` returns a whole number in [0, n)."""
        self._suffixes = [encode_partition(Partition(number)) for number in range(partitions)]
        self._draw = draw or random.SystemRandom().randrange
        self._turn = 0
        self._ms = 0
        self._prefix = ""
        self._count = 0

    def next(self, now: datetime, partition: Partition | None = None) -> MessageId:
        """Returns an id behind every earlier one of this generator."""
        self._advance(min(max(to_ms(now), _EPOCH_MS), _LAST_MS))
        if partition is not None:
            return MessageId(self._prefix + _encode(self._count, _COUNT_WIDTH) + encode_partition(partition))
        self._turn = (self._turn + 1) % len(self._suffixes)
        # The count's four digits, as `_encode` has them, in a third of the time.
        high, low = divmod(self._count, len(_PAIRS))
        return MessageId(f"{self._prefix}{_PAIRS[high]}{_PAIRS[low]}{self._suffixes[self._turn]}")

    def partition_of(self, message_id: str) -> Partition | None:
        """Returns the partition an id ends with; `None` if the text is no id."""
        return partition_of(message_id)

    def _advance(self, ms: int) -> None:
        self._count += 1
        if ms <= self._ms:
            if self._count < _COUNTS:
                return
            ms = self._ms + 1
        self._ms = ms
        self._prefix = _encode(ms - _EPOCH_MS, _TIME_WIDTH)
        self._count = self._draw(_COUNTS // 2)


def partition_of(message_id: str) -> Partition | None:
    """Returns the partition that an id ends with; `None` if the text is no id."""
    suffix = message_id[_TIME_WIDTH + _COUNT_WIDTH :]
    if not 1 <= len(suffix) <= _MAX_PARTITION_WIDTH or not _KNOWN.issuperset(message_id):
        return None
    return _partition_named(suffix)


@lru_cache(maxsize=4096)
def _partition_named(suffix: str) -> Partition | None:
    number = _decode(suffix)
    return Partition(number) if encode_partition(Partition(number)) == suffix else None


def encode_partition(partition: Partition) -> str:
    """Returns the end of the ids of a partition: one character for the first 62, then two, then three."""
    width = 1
    while partition >= _BASE**width:
        width += 1
    return _encode(partition, width)


def _encode(number: int, width: int) -> str:
    digits = ""
    for _ in range(width // 2):
        number, pair = divmod(number, len(_PAIRS))
        digits = _PAIRS[pair] + digits
    return DIGITS[number % _BASE] + digits if width % 2 else digits


def _decode(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * _BASE + _VALUES[digit]
    return number
