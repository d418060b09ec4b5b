from __future__ import annotations

import pytest

from postdate.adapters.system.jitter import RandomJitter
from tests.contracts.jitter import JitterContract


@pytest.fixture
def jitter() -> RandomJitter:
    return RandomJitter()


class TestRandomJitter(JitterContract):
    pass


def test_two_instances_draw_different_numbers() -> None:
    one, other = RandomJitter(), RandomJitter()
    assert [one.fraction() for _ in range(5)] != [other.fraction() for _ in range(5)]
