from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.entrypoints.http.service import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.unit.entrypoints.http.service import Service


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A service without keys, on the first of January 2026."""
    async with serving() as service:
        yield service
