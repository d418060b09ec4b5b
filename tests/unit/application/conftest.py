"""The fixtures of the tests of use cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.application.schedules.calendar import Calendar
from tests.unit.application.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world that ends with its test."""
    world = World()
    yield world
    await world.end()


@pytest.fixture
async def calendar(world: World) -> AsyncIterator[Calendar]:
    """The schedules of that world."""
    calendar = Calendar(world)
    yield calendar
    await calendar.end()
