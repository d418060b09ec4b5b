"""The contract of an id generator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from postdate.domain.lease import Partition

if TYPE_CHECKING:
    from postdate.application.ports.id_generator import IdGenerator

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)


class IdGeneratorContract:
    """Needs a fixture `ids: IdGenerator`."""

    @pytest.mark.parametrize(
        "clock",
        [
            [NOW] * 1_000,
            [NOW + n * MS for n in range(1_000)],
            [NOW - n * MS for n in range(1_000)],
            [NOW + n % 3 * timedelta(hours=1) for n in range(1_000)],
            [NOW + n * timedelta(microseconds=10) for n in range(1_000)],
            [datetime(1, 1, 1, tzinfo=UTC), NOW, datetime(9999, 12, 31, tzinfo=UTC), NOW],
        ],
        ids=[
            "stands",
            "goes on",
            "goes back",
            "jumps",
            "goes on by less than a millisecond",
            "is out of its mind",
        ],
    )
    def test_ids_of_a_partition_sort_as_they_were_made_even_if_the_clock(
        self, ids: IdGenerator, clock: list[datetime]
    ) -> None:
        made = [ids.next(now) for now in clock]
        assert len(set(made)) == len(made)
        for partition in {ids.partition_of(message_id) for message_id in made}:
            of_partition = [message_id for message_id in made if ids.partition_of(message_id) == partition]
            assert of_partition == sorted(of_partition)

    def test_every_id_contains_a_partition(self, ids: IdGenerator) -> None:
        assert all(ids.partition_of(ids.next(NOW)) is not None for _ in range(200))

    def test_an_id_contains_the_requested_partition(self, ids: IdGenerator) -> None:
        made = [ids.next(NOW, Partition(number)) for number in (0, 61, 62, 0)]
        assert [ids.partition_of(message_id) for message_id in made] == [0, 61, 62, 0]
        assert made[0] < made[3]

    @pytest.mark.parametrize(
        "junk", ["", " ", "0", "../../etc/passwd", "{0}", "\N{BULLET}" * 12, "0" * 100, "a-b"]
    )
    def test_a_text_that_is_not_an_id_contains_no_partition(self, ids: IdGenerator, junk: str) -> None:
        assert ids.partition_of(junk) is None
