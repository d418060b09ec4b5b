from __future__ import annotations

import re

import pytest
from redis.crc import key_slot

from postdate.adapters.redis.keys import NAMES, KeySpace, PartitionKeys, mark_beside
from postdate.domain.lease import Partition


def names_of(keys: PartitionKeys) -> list[str]:
    return [getattr(keys, name) for name in NAMES]


@pytest.mark.parametrize("namespace", ["default", "a b", "žluť", "with:colon"])
def test_all_keys_of_a_partition_are_in_one_slot(namespace: str) -> None:
    slots = {key_slot(name.encode()) for name in names_of(KeySpace(namespace)[Partition(3)])}
    assert len(slots) == 1


def test_keys_share_the_hash_tag_of_their_namespace_and_partition() -> None:
    tags = {re.findall(r"\{(.*?)\}", name)[0] for name in names_of(KeySpace("n")[Partition(3)])}
    assert tags == {"n:3"}


def test_all_keys_have_different_names() -> None:
    spaces = [KeySpace("n"), KeySpace("m")]
    names = [name for space in spaces for number in (0, 1, 10) for name in names_of(space[Partition(number)])]
    assert len(set(names)) == len(names)


def test_a_key_ends_with_the_name_of_its_attribute() -> None:
    keys = KeySpace("n")[Partition(3)]
    assert {name: getattr(keys, name) for name in NAMES} == {name: f"postdate:{{n:3}}:{name}" for name in NAMES}


@pytest.mark.parametrize("namespace", ["default", "with:colon"])
def test_the_mark_of_a_partition_is_derived_from_any_of_its_keys(namespace: str) -> None:
    keys = KeySpace(namespace)[Partition(3)]
    assert {mark_beside(name) for name in names_of(keys)} == {keys.mark}


def test_the_keys_of_a_partition_are_created_once() -> None:
    space = KeySpace("n")
    assert space[Partition(0)] is space[Partition(0)]


def test_the_secret_of_a_namespace_has_a_key_outside_its_partitions() -> None:
    assert KeySpace("n").webhook_secret != KeySpace("m").webhook_secret
    assert KeySpace("n").webhook_secret not in names_of(KeySpace("n")[Partition(0)])
