"""A look-up that answers what a test wants."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Names:
    """Knows names and the addresses of their next look-ups; the last ones stay."""

    def __init__(self, **known: Sequence[Sequence[str]]) -> None:
        self._known = {name: list(answers) for name, answers in known.items()}
        self.asked: dict[str, int] = defaultdict(int)
        self.silent: set[str] = set()

    async def __call__(self, name: str) -> Sequence[str]:
        self.asked[name] += 1
        if name in self.silent:
            await asyncio.get_running_loop().create_future()
        answers = self._known.get(name)
        if not answers:
            raise OSError(-2, "Name or service not known")
        return answers.pop(0) if len(answers) > 1 else answers[0]
