"""The contract of a memory of deliveries."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from postdate.receiver import Verdict

if TYPE_CHECKING:
    from postdate.receiver import Deliveries


class DeliveriesContract:
    """Needs a fixture `deliveries: Deliveries`."""

    async def test_a_message_is_new_to_one_and_then_in_progress(self, deliveries: Deliveries) -> None:
        verdicts = await asyncio.gather(*(deliveries.claim("a", f"owner{n}") for n in range(10)))
        assert sorted(verdicts, key=lambda it: it.value) == [Verdict.IN_PROGRESS] * 9 + [Verdict.NEW]
        assert await deliveries.claim("b", "owner") is Verdict.NEW

    async def test_a_finished_message_stays_done(self, deliveries: Deliveries) -> None:
        await deliveries.claim("a", "one")
        await deliveries.finish("a", "one")
        await deliveries.release("a", "one")
        assert await deliveries.claim("a", "two") is Verdict.DONE

    async def test_a_released_message_is_new_again(self, deliveries: Deliveries) -> None:
        await deliveries.claim("a", "one")
        await deliveries.release("a", "one")
        assert await deliveries.claim("a", "two") is Verdict.NEW

    async def test_a_claim_of_another_owner_is_not_released(self, deliveries: Deliveries) -> None:
        await deliveries.claim("a", "two")
        await deliveries.release("a", "one")
        assert await deliveries.claim("a", "three") is Verdict.IN_PROGRESS

    async def test_an_owner_may_be_called_done(self, deliveries: Deliveries) -> None:
        await deliveries.claim("a", "done")
        assert await deliveries.claim("a", "two") is Verdict.IN_PROGRESS
