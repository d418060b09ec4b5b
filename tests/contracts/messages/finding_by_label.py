from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from postdate.domain.messages.edit import Edit
from postdate.domain.messages.query import Query
from postdate.domain.messages.status import Status
from postdate.domain.retention import Retention
from tests.contracts.messages.finding import found, random_contents, stored
from tests.contracts.world import LABELS, MS, TTL, StoreWorld, ids_of

A, B = Query(label="a"), Query(label="b")
SECOND = timedelta(seconds=1)


class FindingByLabel:
    @pytest.mark.parametrize("label", LABELS)
    async def test_messages_with_a_label_are_found(self, world: StoreWorld, label: str) -> None:
        labelled, both = world.message(labels=(label,)), world.message(labels=("a", label))
        await world.writer.add([labelled, both, world.message()])
        assert await found(world, Query(label=label)) == [labelled, both]
        assert await found(world, Query(label=label + "x")) == []

    async def test_labelled_messages_are_found_in_every_state(self, world: StoreWorld) -> None:
        lease = await world.lease()
        messages = [world.message(labels=("a",)) for _ in range(5)]
        await world.writer.add(messages)
        await world.cancel(messages[0].id)
        now = world.clock.now()
        delivered, dead, expired, held = await world.claim(lease)
        await world.claims.settle(
            lease, [delivered.delivered(now), dead.died(world.failure()), expired.expired(now)]
        )
        assert ids_of(await found(world, A)) == ids_of(messages)
        assert await found(world, A) == await stored(world, ids_of(messages))
        assert await found(world, replace(A, statuses=frozenset((Status.DELIVERING,)))) == [held]

    async def test_a_retried_message_is_found_at_its_new_due_time(self, world: StoreWorld) -> None:
        lease = await world.lease()
        first, second = world.message(labels=("a",)), world.message(MS, labels=("a",))
        await world.writer.add([first, second])
        (held,) = await world.claim(lease)
        retried = held.retried(world.failure(), world.clock.now() + SECOND)
        await world.claims.settle(lease, [retried])
        assert await found(world, A) == [second, retried]
        assert await found(world, replace(A, due_before=second.due_at)) == []

    async def test_changed_labels_are_found(self, world: StoreWorld) -> None:
        message = world.message(labels=("a",))
        await world.writer.add([message])
        changed = await world.store.change(message.id, lambda it: replace(it, labels=("b",)))
        assert changed is not None
        assert (await found(world, A), await found(world, B)) == ([], [changed.message])
        await world.store.change(message.id, lambda it: replace(it, labels=()))
        assert await found(world, B) == []
        await world.store.change(message.id, lambda it: replace(it, labels=("a", "b")))
        assert len(await found(world, A)) == len(await found(world, B)) == 1

    async def test_a_labelled_message_is_found_at_its_changed_due_time(self, world: StoreWorld) -> None:
        first, second = world.message(labels=("a",)), world.message(MS, labels=("a",))
        await world.writer.add([first, second])
        now = world.clock.now()
        await world.store.change(first.id, lambda it: it.edited(Edit(at=now + SECOND), now))
        assert ids_of(await found(world, A)) == [second.id, first.id]

    async def test_a_labelled_message_that_was_taken_over_is_found(self, world: StoreWorld) -> None:
        message = world.message(labels=("a",))
        await world.writer.add([message])
        await world.claim(await world.lease("lost"))
        world.go_on(TTL)
        await world.claims.claim_due(await world.lease("heir"), 0)
        assert await found(world, A) == [await world.now_in_store(message)]

    async def test_a_refused_message_is_found_by_no_label(self, world: StoreWorld) -> None:
        message = world.message(labels=("a",))
        await world.writer.add([message])
        await world.writer.add([replace(message, labels=("b",))])
        assert (await found(world, A), await found(world, B)) == ([message], [])

    async def test_a_forgotten_message_is_found_by_no_label(self, world: StoreWorld) -> None:
        message = world.message(labels=("a", "b"))
        await world.writer.add([message])
        await world.cancel(message.id)
        await world.with_retention(Retention(count=0)).claims.settle(await world.lease(), [])
        await world.writer.add([replace(message, labels=())])
        assert (await found(world, A), await found(world, B)) == ([], [])

    @pytest.mark.parametrize("limit", [1, 3, 1000])
    @pytest.mark.parametrize("seed", range(4))
    async def test_all_pages_by_label_together_equal_a_plain_sort(
        self, world: StoreWorld, seed: int, limit: int
    ) -> None:
        messages = await stored(world, await random_contents(world, seed, "a", "b"))
        now = world.clock.now()
        queries = [
            A,
            replace(A, due_after=now - MS, due_before=now + MS),
            replace(B, statuses=frozenset((Status.DEAD, Status.EXPIRED))),
            replace(B, to="console"),
        ]
        for query in queries:
            assert await found(world, query, limit) == list(filter(query.matches, messages))
