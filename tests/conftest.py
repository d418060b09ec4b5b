"""What every test may rely on."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.contracts")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Postdate is written for asyncio alone."""
    return "asyncio"
