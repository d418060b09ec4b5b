from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.adapters.system.id_generator import DIGITS, ShortIdGenerator, encode_partition, partition_of
from postdate.domain.lease import Partition
from tests.contracts.id_generator import IdGeneratorContract

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)
LAST_COUNT = 62**4 - 1


@pytest.fixture(params=[1, 3, 62, 63])
def ids(request: pytest.FixtureRequest) -> ShortIdGenerator:
    return ShortIdGenerator(request.param)


class TestShortIdGenerator(IdGeneratorContract):
    pass


def starting_at(count: int) -> ShortIdGenerator:
    return ShortIdGenerator(1, draw=lambda _: count)


def test_an_id_is_twelve_letters_and_digits() -> None:
    message_id = ShortIdGenerator(62).next(NOW)
    assert len(message_id) == 12
    assert set(message_id) <= set(DIGITS)


def test_ids_within_a_millisecond_are_counted() -> None:
    ids = starting_at(0)
    assert [ids.next(NOW)[7:] for _ in range(3)] == ["00000", "00010", "00020"]


def test_the_count_of_each_millisecond_starts_in_the_lower_half_of_its_range() -> None:
    limits: list[int] = []

    def draw_the_last(below: int) -> int:
        limits.append(below)
        return below - 1

    ids = ShortIdGenerator(1, draw_the_last)
    first, second = ids.next(NOW), ids.next(NOW + MS)
    assert limits == [62**4 // 2] * 2
    assert first[7:] == second[7:] == "Uzzz0"


def test_a_millisecond_whose_counts_are_used_up_borrows_from_the_next() -> None:
    ids = starting_at(LAST_COUNT - 1)
    created = [ids.next(NOW) for _ in range(5)]
    assert created == sorted(set(created))
    assert [message_id[:7] for message_id in created] == sorted(message_id[:7] for message_id in created)
    assert len({message_id[:7] for message_id in created}) == 3


def test_ids_do_not_go_back_after_a_borrowed_millisecond() -> None:
    ids = starting_at(LAST_COUNT)
    created = [ids.next(NOW), ids.next(NOW), ids.next(NOW), ids.next(NOW + MS), ids.next(NOW + 2 * MS)]
    assert created == sorted(set(created))


def test_ids_use_the_partitions_in_turn() -> None:
    ids = ShortIdGenerator(3)
    of = [ids.partition_of(ids.next(NOW)) for _ in range(6)]
    assert sorted(of[:3], key=str) == [0, 1, 2]
    assert of[3:] == of[:3]


@given(st.integers(0, 62 + 62**2 + 62**3 - 1).map(Partition))
def test_an_id_contains_its_partition(partition: Partition) -> None:
    message_id = "0" * 11 + encode_partition(partition)
    expected = partition if partition < 62**3 else None
    assert partition_of(message_id) == expected


@pytest.mark.parametrize(("partition", "end"), [(0, "0"), (61, "z"), (62, "10"), (3843, "zz"), (3844, "100")])
def test_each_of_the_first_62_partitions_has_one_character(partition: int, end: str) -> None:
    assert encode_partition(Partition(partition)) == end


@pytest.mark.parametrize("end", ["00", "0z", "000", "0zz", "1000", ""])
def test_a_partition_has_only_one_encoding(end: str) -> None:
    assert partition_of("0" * 11 + end) is None


@given(st.text())
def test_any_text_has_a_valid_partition_or_none(text: str) -> None:
    partition = partition_of(text)
    if partition is not None:
        assert text.endswith(encode_partition(partition))
        assert set(text) <= set(DIGITS)


@pytest.mark.parametrize("character", ["-", "_", ":", "{", " ", "\n", "é", "\N{FULLWIDTH DIGIT ONE}", "\0"])
@pytest.mark.parametrize("index", [0, 7, 11])
def test_a_text_with_another_character_is_not_an_id(character: str, index: int) -> None:
    message_id = ShortIdGenerator(1).next(NOW)
    assert partition_of(message_id[:index] + character + message_id[index + 1 :]) is None


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=50))
def test_ids_sort_in_their_order_of_creation_whatever_the_clock_shows(clock: list[datetime]) -> None:
    ids = ShortIdGenerator(1)
    created = [ids.next(now) for now in clock]
    assert created == sorted(set(created))
