"""DNS with the names and addresses that a test defines."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class FakeDns:
    """Resolves known names.

    Attributes:
        lookups: How often each name was looked up.
        silent: Names whose lookup never ends.
    """

    def __init__(self, **results: Sequence[Sequence[str]]) -> None:
        """Accepts the results of each name's next lookups; the last result repeats."""
        self._results = {name: list(addresses) for name, addresses in results.items()}
        self.lookups: dict[str, int] = defaultdict(int)
        self.silent: set[str] = set()

    async def __call__(self, name: str) -> Sequence[str]:
        self.lookups[name] += 1
        if name in self.silent:
            await asyncio.get_running_loop().create_future()
        results = self._results.get(name)
        if not results:
            raise OSError(-2, "Name or service not known")
        return results.pop(0) if len(results) > 1 else results[0]
