from __future__ import annotations

import re

import pytest
from redis.crc import key_slot

from postdate.adapters.redis.keys import NAMES, KeySpace, PartitionKeys, mark_beside
from postdate.domain.lease import Partition


def names_of(keys: PartitionKeys) -> list[str]:
    return [getattr(keys, name) for name in NAMES]


@pytest.mark.parametrize("namespace", ["default", "a b", "žluť", "with:colon"])
def test_on_a_cluster_one_node_has_all_keys_of_a_partition(namespace: str) -> None:
    slots = {key_slot(name.encode()) for name in names_of(KeySpace(namespace)[Partition(3)])}
    assert len(slots) == 1


def test_keys_share_the_hash_tag_of_their_namespace_and_partition() -> None:
    tags = {re.findall(r"\{(.*?)\}", name)[0] for name in names_of(KeySpace("n")[Partition(3)])}
    assert tags == {"n:3"}


def test_no_two_keys_have_one_name() -> None:
    spaces = [KeySpace("n"), KeySpace("m")]
    names = [name for space in spaces for number in (0, 1, 10) for name in names_of(space[Partition(number)])]
    assert len(set(names)) == len(names)


def test_a_key_is_called_what_it_holds() -> None:
    keys = KeySpace("n")[Partition(3)]
    assert {name: getattr(keys, name) for name in NAMES} == {name: f"postdate:{{n:3}}:{name}" for name in NAMES}


@pytest.mark.parametrize("namespace", ["default", "with:colon"])
def test_the_mark_is_found_beside_any_key_of_its_partition(namespace: str) -> None:
    keys = KeySpace(namespace)[Partition(3)]
    assert {mark_beside(name) for name in names_of(keys)} == {keys.mark}


def test_the_keys_of_a_partition_are_made_once() -> None:
    space = KeySpace("n")
    assert space[Partition(0)] is space[Partition(0)]


def test_the_secret_of_a_namespace_is_beside_its_partitions() -> None:
    assert KeySpace("n").webhook_secret != KeySpace("m").webhook_secret
    assert KeySpace("n").webhook_secret not in names_of(KeySpace("n")[Partition(0)])
