"""Contracts for the tests of your own adapters and channels. It needs pytest."""

import pytest

# This must run before the contracts are imported: pytest then explains their failed assertions in detail.
pytest.register_assert_rewrite(f"{__name__}.contracts")
