from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.domain.durability import STORE_DURABILITY, Durability, DurabilityLevel, parse_durability


@pytest.mark.parametrize(
    ("text", "durability"),
    [
        ("store", STORE_DURABILITY),
        ("fsync", Durability(level=DurabilityLevel.FSYNC)),
        ("replicas:1", Durability(level=DurabilityLevel.REPLICAS, replicas=1)),
        ("replicas:999", Durability(level=DurabilityLevel.REPLICAS, replicas=999)),
    ],
)
def test_a_level_is_parsed_and_formatted_as_the_same_text(text: str, durability: Durability) -> None:
    assert parse_durability(text) == durability
    assert str(durability) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "disk", "Store", " fsync", "store:1"),
        *("replicas", "replicas:", "replicas:0", "replicas:01", "replicas:-1", "replicas:1.5", "replicas:1:2"),
        *("replicas:1000", "replicas:٣", "replicas:1\n"),
    ],
)
def test_any_other_text_is_refused_with_the_accepted_forms(text: str) -> None:
    with pytest.raises(ValueError, match=r"none of store, fsync and replicas:N"):
        parse_durability(text)


@given(text=st.text())
def test_every_parsed_text_is_formatted_as_it_was(text: str) -> None:
    try:
        assert str(parse_durability(text)) == text
    except ValueError as error:
        assert len(str(error)) < 200  # noqa: PT017
