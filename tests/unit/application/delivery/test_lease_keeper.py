from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.application.delivery.lease_keeper import LeaseKeeper
from postdate.application.events.events import LeaseAcquired, LeaseLost, LeaseReleased, UnexpectedErrorCaught
from postdate.domain.lease import Role
from postdate.domain.messages.status import Status
from tests.faults import FaultInjector
from tests.unit.application.world import PARTITION, let_others_run, ms, seconds

if TYPE_CHECKING:
    from postdate.domain.lease import Lease
    from tests.unit.application.world import World

TTL = seconds(3)


class Scene:
    """A keeper of a lease of three seconds, and the line over which it keeps it."""

    def __init__(self, world: World, lease: Lease) -> None:
        self.line = FaultInjector(world.clock)
        self.events = MemoryEventRecorder()
        self.losses: list[None] = []
        self.lease = lease
        self.keeper = LeaseKeeper(
            lease,
            world.clock.monotonic(),
            self.line.wrap(world.locks),
            world.clock,
            self.events,
            lambda: self.losses.append(None),
        )


@pytest.fixture
async def scene(world: World) -> Scene:
    return Scene(world, await world.locks.acquire(PARTITION, "a", TTL))


async def test_a_lease_is_renewed_every_third_for_as_long_as_it_is_kept(world: World, scene: Scene) -> None:
    async with scene.keeper:
        await world.advance(ms(999))
        assert scene.line.calls == []
        await world.advance(ms(1))
        assert scene.line.calls == ["renew"]
        await world.advance(seconds(3600))
        assert scene.line.calls == ["renew"] * 3601
        assert scene.keeper.trusted
        assert not scene.keeper.lost


async def test_it_is_released_at_the_end(world: World, scene: Scene) -> None:
    message = await world.add(seconds(0))
    async with scene.keeper:
        await world.locks.acquire_role(scene.lease, Role.LEADER)
        await world.claims.claim_due(scene.lease, 1)
    assert scene.events.events == [LeaseAcquired(scene.lease), LeaseReleased(scene.lease, given_back=1)]
    assert (await world.get(message)).status is Status.SCHEDULED
    assert await world.roles() == {}
    await world.advance(TTL)
    assert scene.line.calls == ["release"]


async def test_it_runs_out_if_the_store_is_away_at_the_end(world: World, scene: Scene) -> None:
    async with scene.keeper:
        await world.locks.acquire_role(scene.lease, Role.LEADER)
        scene.line.cut = True
    assert scene.events.events == [LeaseAcquired(scene.lease)]
    await world.advance(TTL - ms(1))
    assert Role.LEADER in await world.roles()
    await world.advance(ms(1))
    assert await world.roles() == {}


async def test_a_lease_is_trusted_for_its_life_less_a_margin(world: World, scene: Scene) -> None:
    world.clock.advance(ms(2699))
    assert (scene.keeper.trusted, scene.keeper.lost) == (True, False)
    world.clock.advance(ms(2))
    assert (scene.keeper.trusted, scene.keeper.lost) == (False, False)


async def test_after_a_pause_it_is_not_trusted_even_before_the_store_was_asked(world: World, scene: Scene) -> None:
    async with scene.keeper:
        await world.advance(seconds(1))
        world.clock.advance(ms(2700))
        assert not scene.keeper.trusted
        assert scene.line.calls == ["renew"]


async def test_trust_counts_from_when_the_renewal_was_asked_for(world: World, scene: Scene) -> None:
    scene.line.delays["renew"] = ms(500)
    async with scene.keeper:
        await world.advance(ms(1500))
        assert scene.line.calls == ["renew"]
        scene.line.cut = True
        await world.advance(ms(2199))
        assert scene.keeper.trusted
        await world.advance(ms(2))
        assert not scene.keeper.trusted


async def test_trust_counts_from_when_the_lease_was_asked_for(world: World, scene: Scene) -> None:
    world.clock.advance(ms(200))
    keeper = LeaseKeeper(scene.lease, 0.0, world.locks, world.clock, scene.events, scene.losses.clear)
    world.clock.advance(ms(2499))
    assert keeper.trusted
    world.clock.advance(ms(2))
    assert not keeper.trusted


async def test_renewals_go_on_when_the_store_is_back(world: World, scene: Scene) -> None:
    async with scene.keeper:
        scene.line.cut = True
        await world.advance(seconds(1.5))
        scene.line.cut = False
        await world.advance(seconds(60))
        assert scene.keeper.trusted
        assert not scene.keeper.lost


async def test_a_lease_that_ran_out_while_the_store_was_away_is_lost_when_it_is_back(
    world: World, scene: Scene
) -> None:
    async with scene.keeper:
        scene.line.cut = True
        await world.advance(seconds(10.5))
        assert (scene.keeper.trusted, scene.keeper.lost) == (False, False)
        scene.line.cut = False
        await world.advance(ms(500))
        assert (scene.keeper.trusted, scene.keeper.lost) == (False, True)
        assert scene.losses == [None]


async def test_a_lease_that_is_alive_when_the_store_is_back_is_kept_however_little_is_left_of_it(
    world: World, scene: Scene
) -> None:
    async with scene.keeper:
        scene.line.cut = True
        await world.advance(ms(2700))
        scene.line.cut = False
        await world.advance(seconds(1))
        assert (scene.keeper.trusted, scene.keeper.lost) == (True, False)


async def test_a_fault_nobody_foresaw_is_told_of_and_renewals_go_on(world: World, scene: Scene) -> None:
    async with scene.keeper:
        scene.line.faults["renew"] = [RuntimeError("unforeseen")]
        await world.advance(seconds(1))
        assert [str(fault.error) for fault in scene.events.of(UnexpectedErrorCaught)] == ["unforeseen"]
        await world.advance(seconds(60))
        assert scene.keeper.trusted


async def test_a_lease_that_ran_out_is_lost_once_and_not_released(world: World, scene: Scene) -> None:
    async with scene.keeper:
        await world.locks.release(scene.lease)
        await world.advance(seconds(1))
        assert scene.keeper.lost
        assert not scene.keeper.trusted
        scene.keeper.lose()
        await world.advance(seconds(60))
    assert scene.events.events == [LeaseAcquired(scene.lease), LeaseLost(scene.lease)]
    assert scene.losses == [None]
    assert scene.line.calls == ["renew"]


async def test_a_keeper_that_was_told_of_the_loss_does_not_renew_any_more(world: World, scene: Scene) -> None:
    async with scene.keeper:
        await let_others_run()
        scene.keeper.lose()
        assert scene.losses == [None]
        await world.advance(seconds(60))
    assert scene.line.calls == ["renew"]


async def test_an_owner_that_is_cancelled_while_it_ends_stays_cancelled(world: World, scene: Scene) -> None:
    async def own() -> None:
        async with scene.keeper:
            await asyncio.sleep(0)

    owner = asyncio.create_task(own())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    owner.cancel()
    await let_others_run()
    assert owner.cancelled()
    assert world.clock.next_wake is None
