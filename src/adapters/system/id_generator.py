"""Generates short ids that sort by time: twelve characters for up to 62 partitions."""

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
"""Base 62, in the order of code points: numbers with the same number of digits sort as text by value."""
_VALUES = {digit: value for value, digit in enumerate(DIGITS)}
_PAIRS = [first + second for first in DIGITS for second in DIGITS]
_DIGIT_SET = frozenset(DIGITS)
_BASE = len(DIGITS)
_TIME_WIDTH = 7
_COUNT_WIDTH = 4
_MAX_PARTITION_WIDTH = 3
_COUNTS = _BASE**_COUNT_WIDTH
_EPOCH_MS = to_ms(datetime(2020, 1, 1, tzinfo=UTC))
_MAX_MS = _EPOCH_MS + _BASE**_TIME_WIDTH - 1
"""In the year 2131."""


class ShortIdGenerator:
    """Generates ids from a time, a count within its millisecond, and a partition, each in base 62.

    In each millisecond the count starts at a random number in the lower half of its range, so that two generators
    rarely generate the same id: if two generate 100 ids each in the same millisecond, about one pair of generators
    in 70,000 does. The time never goes back. It runs ahead of the clock if a millisecond needs more than seven
    million ids. Twelve characters and the four bytes that Redis adds fit into 16 bytes, the smallest size that its
    allocator would provide.
    """

    def __init__(self, partitions: int, draw: Callable[[int], int] | None = None) -> None:
        """Creates a generator.

        Args:
            partitions: The number of partitions, which successive ids use in turn.
            draw: Returns a random whole number in [0, n) for a given n. The default is the system's generator.
        """
        self._suffixes = [encode_partition(Partition(number)) for number in range(partitions)]
        self._draw = draw or random.SystemRandom().randrange
        self._turn = 0
        self._ms = 0
        self._prefix = ""
        self._count = 0

    def next(self, now: datetime, partition: Partition | None = None) -> MessageId:
        """Returns an id that sorts after all earlier ids of this generator.

        Args:
            now: The current time.
            partition: The partition of the id; `None` for the next partition in turn.
        """
        self._advance(min(max(to_ms(now), _EPOCH_MS), _MAX_MS))
        if partition is not None:
            return MessageId(self._prefix + _encode(self._count, _COUNT_WIDTH) + encode_partition(partition))
        self._turn = (self._turn + 1) % len(self._suffixes)
        # The four digits of the count, as `_encode` returns them, in a third of its time.
        high, low = divmod(self._count, len(_PAIRS))
        return MessageId(f"{self._prefix}{_PAIRS[high]}{_PAIRS[low]}{self._suffixes[self._turn]}")

    def partition_of(self, message_id: str) -> Partition | None:
        """Returns the partition at the end of an id; `None` if the text is not an id."""
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
    """Returns the partition at the end of an id; `None` if the text is not an id."""
    suffix = message_id[_TIME_WIDTH + _COUNT_WIDTH :]
    if not 1 <= len(suffix) <= _MAX_PARTITION_WIDTH or not _DIGIT_SET.issuperset(message_id):
        return None
    return _decode_partition(suffix)


@lru_cache(maxsize=4096)
def _decode_partition(suffix: str) -> Partition | None:
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
