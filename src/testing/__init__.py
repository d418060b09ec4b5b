"""For the tests of those who write an adapter or a channel of their own. Needs pytest."""

import pytest

# Before the contracts are imported, so that what fails in them is explained as in any test.
pytest.register_assert_rewrite(f"{__name__}.contracts")
