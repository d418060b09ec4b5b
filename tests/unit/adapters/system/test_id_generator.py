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


def test_within_a_millisecond_ids_count_on() -> None:
    ids = starting_at(0)
    assert [ids.next(NOW)[7:] for _ in range(3)] == ["00000", "00010", "00020"]


def test_each_millisecond_begins_somewhere_in_the_lower_half_of_its_counts() -> None:
    asked: list[int] = []

    def draw_the_last(below: int) -> int:
        asked.append(below)
        return below - 1

    ids = ShortIdGenerator(1, draw_the_last)
    first, second = ids.next(NOW), ids.next(NOW + MS)
    assert asked == [62**4 // 2] * 2
    assert first[7:] == second[7:] == "Uzzz0"


def test_when_its_counts_are_used_up_a_millisecond_borrows_from_the_next() -> None:
    ids = starting_at(LAST_COUNT - 1)
    made = [ids.next(NOW) for _ in range(5)]
    assert made == sorted(set(made))
    assert [message_id[:7] for message_id in made] == sorted(message_id[:7] for message_id in made)
    assert len({message_id[:7] for message_id in made}) == 3


def test_a_clock_that_follows_behind_a_borrowed_millisecond_does_not_go_back() -> None:
    ids = starting_at(LAST_COUNT)
    made = [ids.next(NOW), ids.next(NOW), ids.next(NOW), ids.next(NOW + MS), ids.next(NOW + 2 * MS)]
    assert made == sorted(set(made))


def test_partitions_take_turns() -> None:
    ids = ShortIdGenerator(3)
    of = [ids.partition_of(ids.next(NOW)) for _ in range(6)]
    assert sorted(of[:3], key=str) == [0, 1, 2]
    assert of[3:] == of[:3]


@given(st.integers(0, 62 + 62**2 + 62**3 - 1).map(Partition))
def test_an_id_names_the_partition_it_was_made_for(partition: Partition) -> None:
    message_id = "0" * 11 + encode_partition(partition)
    expected = partition if partition < 62**3 else None
    assert partition_of(message_id) == expected


@pytest.mark.parametrize(("partition", "end"), [(0, "0"), (61, "z"), (62, "10"), (3843, "zz"), (3844, "100")])
def test_the_first_62_partitions_take_one_character(partition: int, end: str) -> None:
    assert encode_partition(Partition(partition)) == end


@pytest.mark.parametrize("end", ["00", "0z", "000", "0zz", "1000", ""])
def test_a_partition_has_one_name_only(end: str) -> None:
    assert partition_of("0" * 11 + end) is None


@given(st.text())
def test_any_text_names_a_partition_or_none(text: str) -> None:
    partition = partition_of(text)
    if partition is not None:
        assert text.endswith(encode_partition(partition))
        assert set(text) <= set(DIGITS)


@pytest.mark.parametrize("sign", ["-", "_", ":", "{", " ", "\n", "é", "\N{FULLWIDTH DIGIT ONE}", "\0"])
@pytest.mark.parametrize("place", [0, 7, 11])
def test_no_sign_but_letters_and_digits_is_in_an_id(sign: str, place: int) -> None:
    message_id = ShortIdGenerator(1).next(NOW)
    assert partition_of(message_id[:place] + sign + message_id[place + 1 :]) is None


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=50))
def test_ids_sort_as_they_were_made_whatever_the_clock_shows(clock: list[datetime]) -> None:
    ids = ShortIdGenerator(1)
    made = [ids.next(now) for now in clock]
    assert made == sorted(set(made))
