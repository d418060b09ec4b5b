"""Fixtures of all tests."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.contracts")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Postdate supports asyncio only."""
    return "asyncio"
