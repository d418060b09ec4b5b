"""The contract of a jitter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from postdate.application.ports.jitter import Jitter


class JitterContract:
    """Needs a fixture `jitter: Jitter`."""

    def test_it_draws_from_zero_inclusive_to_one_exclusive(self, jitter: Jitter) -> None:
        assert all(0 <= jitter.fraction() < 1 for _ in range(1_000))
