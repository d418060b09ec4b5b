"""An owner may die at any command of its pass: no message is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.adapters.system.jitter import RandomJitter
from postdate.application.channels import Channels
from postdate.application.delivery.claim_context import ClaimContext
from postdate.application.delivery.deliver_due_messages import DeliverDueMessages
from postdate.application.events.events import SettlementIgnored
from postdate.application.ports.message_writer import KeyedMessage
from postdate.domain.messages.outcome import Delivered, Outcome
from postdate.domain.messages.request_key import RequestKey
from postdate.domain.messages.status import Status
from tests.contracts.world import TTL, StoreWorld, ids_of
from tests.faults import FaultInjector, until_it_dies, until_it_stands_still

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from postdate.application.ports.delivery_channel import Batch
    from postdate.domain.ids import MessageId
    from postdate.domain.lease import Lease

GROUPS = 3
PER_GROUP = 2
COMMANDS = ("the claim", "the first settlement", "the second settlement", "the third settlement")


class CrashContract:
    """Needs a fixture `world: StoreWorld`."""

    @pytest.mark.parametrize(
        "reached", [False, True], ids=["before the command reaches the store", "before the reply arrives"]
    )
    @pytest.mark.parametrize("command", range(len(COMMANDS)), ids=COMMANDS)
    async def test_every_message_is_delivered_whichever_command_its_owner_dies_at(
        self, world: StoreWorld, command: int, *, reached: bool
    ) -> None:
        messages = await world.all_added(GROUPS * PER_GROUP)
        dying, heir = _Owner(world), _Owner(world)
        lease = await world.lease("dying")
        dying.life.dies_at(command, reached=reached)

        await dying.makes_a_pass_until_it_dies(lease)
        world.go_on(TTL)
        await heir.makes_a_pass(await world.lease("heir"))

        settled_before = _settled_before(command, reached=reached)
        held = 0 if command == 0 and not reached else len(messages) - settled_before
        found = [await world.now_in_store(message) for message in messages]
        assert {message.status for message in found} == {Status.DELIVERED}
        lost_an_owner = [message for message in found if message.attempts == 2]
        assert ids_of(lost_an_owner) == (ids_of(messages[settled_before:]) if held else [])
        assert {message.attempts for message in found} <= {1, 2}
        assert heir.delivered == ids_of(messages[settled_before:])

    @pytest.mark.parametrize(
        "reached", [False, True], ids=["before the command reaches the store", "before the reply arrives"]
    )
    @pytest.mark.parametrize("command", range(1, len(COMMANDS)), ids=COMMANDS[1:])
    async def test_an_owner_that_was_only_paused_changes_nothing_when_it_continues(
        self, world: StoreWorld, command: int, *, reached: bool
    ) -> None:
        messages = await world.all_added(GROUPS * PER_GROUP)
        paused, heir = _Owner(world), _Owner(world)
        lease = await world.lease("paused")
        paused.life.dies_at(command, reached=reached)

        passing = await until_it_stands_still(paused.life, paused.makes_a_pass(lease))
        world.go_on(TTL)
        await heir.makes_a_pass(await world.lease("heir"))
        after_the_heir = [await world.store.get(message.id) for message in messages]
        paused.life.comes_back.set()
        await passing

        assert [await world.store.get(message.id) for message in messages] == after_the_heir
        taken_over = messages[_settled_before(command, reached=reached) :]
        ignored = [message_id for event in paused.events.of(SettlementIgnored) for message_id in event.message_ids]
        assert sorted(ignored) == ids_of(taken_over)

    @pytest.mark.parametrize(
        "reached", [False, True], ids=["before the command reaches the store", "before the reply arrives"]
    )
    async def test_a_client_that_dies_while_it_adds_leaves_all_of_its_messages_or_none(
        self, world: StoreWorld, *, reached: bool
    ) -> None:
        messages = world.messages(PER_GROUP)
        dying, heir = _Owner(world), _Owner(world)
        dying.life.dies_at(0, reached=reached)
        await until_it_dies(dying.life, dying.writer.add(messages))
        await heir.makes_a_pass(await world.lease("heir"))
        assert heir.delivered == (ids_of(messages) if reached else [])

    @pytest.mark.parametrize(
        "reached", [False, True], ids=["before the command reaches the store", "before the reply arrives"]
    )
    async def test_a_client_that_dies_while_it_replays_leaves_a_message_dead_or_due(
        self, world: StoreWorld, *, reached: bool
    ) -> None:
        dead = await world.died(await world.lease("one"))
        dying, heir = _Owner(world), _Owner(world)
        dying.life.dies_at(0, reached=reached)
        replaying = dying.store.change(dead.id, lambda message: message.replayed(world.clock.now()))
        await until_it_dies(dying.life, replaying)
        await heir.makes_a_pass(await world.lease("heir"))
        assert heir.delivered == ([dead.id] if reached else [])
        assert (await world.now_in_store(dead)).status is (Status.DELIVERED if reached else Status.DEAD)

    @pytest.mark.parametrize(
        "reached", [False, True], ids=["before the command reaches the store", "before the reply arrives"]
    )
    async def test_a_client_that_dies_while_it_adds_with_a_key_and_repeats_the_call_has_one_message(
        self, world: StoreWorld, *, reached: bool
    ) -> None:
        first, again = world.messages(2)
        key = RequestKey(key="k", fingerprint=b"fingerprint 0001")
        dying, heir = _Owner(world), _Owner(world)
        dying.life.dies_at(0, reached=reached)
        await until_it_dies(dying.life, dying.writer.add_keyed([KeyedMessage(message=first, key=key)]))
        await world.writer.add_keyed([KeyedMessage(message=again, key=key)])
        await heir.makes_a_pass(await world.lease("heir"))
        assert heir.delivered == [first.id if reached else again.id]

    async def test_a_message_whose_owner_dies_between_delivery_and_settlement_is_delivered_again(
        self, world: StoreWorld
    ) -> None:
        messages = await world.all_added(GROUPS * PER_GROUP)
        dying, heir = _Owner(world), _Owner(world)
        dying.life.dies_at(1, reached=False)
        await dying.makes_a_pass_until_it_dies(await world.lease("dying"))
        world.go_on(TTL)
        await heir.makes_a_pass(await world.lease("heir"))
        assert dying.delivered == ids_of(messages[:PER_GROUP])
        assert heir.delivered == ids_of(messages)

    async def test_a_message_that_kills_every_owner_ends_among_the_dead(self, world: StoreWorld) -> None:
        message = await world.added()
        for _ in range(message.retry.attempts):
            victim = _Owner(world)
            victim.life.dies_at(1, reached=False)
            await victim.makes_a_pass_until_it_dies(await world.lease("victim"))
            world.go_on(TTL)
        survivor = _Owner(world)
        await survivor.makes_a_pass(await world.lease("survivor"))
        assert survivor.delivered == []
        found = await world.now_in_store(message)
        assert (found.status, found.attempts) == (Status.DEAD, message.retry.attempts)

    async def test_messages_survive_the_death_of_a_second_owner(self, world: StoreWorld) -> None:
        messages = await world.all_added(GROUPS * PER_GROUP)
        for command in (1, 2):
            dying = _Owner(world)
            dying.life.dies_at(command, reached=False)
            await dying.makes_a_pass_until_it_dies(await world.lease(f"dies at {command}"))
            world.go_on(TTL)
        heir = _Owner(world)
        await heir.makes_a_pass(await world.lease("heir"))
        found = [await world.now_in_store(message) for message in messages]
        assert [message.attempts for message in found] == [2, 2, 3, 3, 3, 3]
        assert heir.delivered == ids_of(messages[PER_GROUP:])


def _settled_before(command: int, *, reached: bool) -> int:
    settlements = max(command - 1, 0) + (1 if reached and command > 0 else 0)
    return settlements * PER_GROUP


class _Owner:
    """An instance that dies at a command, with a channel that records its deliveries."""

    def __init__(self, world: StoreWorld) -> None:
        self.life = FaultInjector()
        self.store = self.life.wrap(world.store)
        self.writer = self.life.wrap(world.writer)
        self.events = MemoryEventRecorder()
        channel = _GroupByGroup()
        self.delivered = channel.delivered
        self._pass = DeliverDueMessages(
            self.life.wrap(world.claims), Channels({"console": channel}), world.clock, RandomJitter(), self.events
        )

    async def makes_a_pass(self, lease: Lease) -> None:
        await self._pass(ClaimContext(lease=lease, may_start=lambda: True), 100)

    async def makes_a_pass_until_it_dies(self, lease: Lease) -> None:
        await until_it_dies(self.life, self.makes_a_pass(lease))


class _GroupByGroup:
    def __init__(self) -> None:
        self.delivered: list[MessageId] = []

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        for start in range(0, len(batch.messages), PER_GROUP):
            group = ids_of(batch.messages[start : start + PER_GROUP])
            self.delivered += group
            yield dict.fromkeys(group, Delivered())
