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
    """A keeper of a lease of three seconds, and its line to the store."""

    def __init__(self, world: World, lease: Lease) -> None:
        self.line = FaultInjector(world.clock)
        self.events = MemoryEventRecorder()
        self.wake_ups: list[None] = []
        self.lease = lease
        self.keeper = LeaseKeeper(
            lease,
            world.clock.monotonic(),
            self.line.wrap(world.locks),
            world.clock,
            self.events,
            lambda: self.wake_ups.append(None),
        )


@pytest.fixture
async def scene(world: World) -> Scene:
    return Scene(world, await world.locks.acquire(PARTITION, "a", TTL))


async def test_a_lease_is_renewed_three_times_per_time_to_live(world: World, scene: Scene) -> None:
    async with scene.keeper:
        await world.advance(ms(999))
        assert scene.line.calls == []
        await world.advance(ms(1))
        assert scene.line.calls == ["renew"]
        await world.advance(seconds(3600))
        assert scene.line.calls == ["renew"] * 3601
        assert scene.keeper.is_trusted
        assert not scene.keeper.is_lost


async def test_a_lease_is_released_at_the_end_of_its_context(world: World, scene: Scene) -> None:
    message = await world.add(seconds(0))
    async with scene.keeper:
        await world.locks.acquire_role(scene.lease, Role.LEADER)
        await world.claims.claim_due(scene.lease, 1)
    assert scene.events.events == [LeaseAcquired(scene.lease), LeaseReleased(scene.lease, given_back=1)]
    assert (await world.get(message)).status is Status.SCHEDULED
    assert await world.roles() == {}
    await world.advance(TTL)
    assert scene.line.calls == ["release"]


async def test_a_lease_runs_out_if_the_store_is_away_at_the_end_of_its_context(world: World, scene: Scene) -> None:
    async with scene.keeper:
        await world.locks.acquire_role(scene.lease, Role.LEADER)
        scene.line.cut = True
    assert scene.events.events == [LeaseAcquired(scene.lease)]
    await world.advance(TTL - ms(1))
    assert Role.LEADER in await world.roles()
    await world.advance(ms(1))
    assert await world.roles() == {}


async def test_a_lease_is_trusted_for_its_time_to_live_less_a_margin(world: World, scene: Scene) -> None:
    world.clock.advance(ms(2699))
    assert (scene.keeper.is_trusted, scene.keeper.is_lost) == (True, False)
    world.clock.advance(ms(2))
    assert (scene.keeper.is_trusted, scene.keeper.is_lost) == (False, False)


async def test_a_lease_is_not_trusted_after_a_pause_even_before_the_store_is_asked(
    world: World, scene: Scene
) -> None:
    async with scene.keeper:
        await world.advance(seconds(1))
        world.clock.advance(ms(2700))
        assert not scene.keeper.is_trusted
        assert scene.line.calls == ["renew"]


async def test_the_trust_window_starts_when_a_renewal_is_requested(world: World, scene: Scene) -> None:
    scene.line.delays["renew"] = ms(500)
    async with scene.keeper:
        await world.advance(ms(1500))
        assert scene.line.calls == ["renew"]
        scene.line.cut = True
        await world.advance(ms(2199))
        assert scene.keeper.is_trusted
        await world.advance(ms(2))
        assert not scene.keeper.is_trusted


async def test_the_trust_window_starts_when_the_lease_is_requested(world: World, scene: Scene) -> None:
    world.clock.advance(ms(200))
    keeper = LeaseKeeper(scene.lease, 0.0, world.locks, world.clock, scene.events, scene.wake_ups.clear)
    world.clock.advance(ms(2499))
    assert keeper.is_trusted
    world.clock.advance(ms(2))
    assert not keeper.is_trusted


async def test_renewals_continue_when_the_store_is_back(world: World, scene: Scene) -> None:
    async with scene.keeper:
        scene.line.cut = True
        await world.advance(seconds(1.5))
        scene.line.cut = False
        await world.advance(seconds(60))
        assert scene.keeper.is_trusted
        assert not scene.keeper.is_lost


async def test_a_lease_that_ran_out_during_an_outage_is_revived_when_the_store_is_back(
    world: World, scene: Scene
) -> None:
    async with scene.keeper:
        scene.line.cut = True
        await world.advance(seconds(10.5))
        assert (scene.keeper.is_trusted, scene.keeper.is_lost) == (False, False)
        scene.line.cut = False
        await world.advance(ms(500))
        assert (scene.keeper.is_trusted, scene.keeper.is_lost) == (True, False)
        assert (scene.keeper.revivals, len(scene.wake_ups)) == (1, 1)


async def test_a_lease_that_ran_out_during_an_outage_and_was_taken_over_is_lost_when_the_store_is_back(
    world: World, scene: Scene
) -> None:
    async with scene.keeper:
        scene.line.cut = True
        await world.advance(seconds(10.5))
        await world.claims.claim_due(await world.locks.acquire(PARTITION, "heir", TTL), 0)
        scene.line.cut = False
        await world.advance(ms(500))
        assert (scene.keeper.is_trusted, scene.keeper.is_lost) == (False, True)
        assert len(scene.wake_ups) == 1


async def test_a_lease_is_revived_after_a_step_of_the_stores_clock(world: World, scene: Scene) -> None:
    async with scene.keeper:
        world.clock.shift_wall(seconds(3600))
        await world.advance(seconds(1))
        assert (scene.keeper.is_trusted, scene.keeper.is_lost, scene.keeper.revivals) == (True, False, 1)


async def test_a_lease_can_be_renewed_at_once(world: World, scene: Scene) -> None:
    async with scene.keeper:
        world.clock.advance(ms(2999))
        await scene.keeper.renew()
        assert scene.keeper.is_trusted
        assert scene.keeper.revivals == 0


async def test_a_renewal_that_is_answered_late_shortens_no_trust_window(world: World, scene: Scene) -> None:
    scene.line.delays["renew"] = seconds(2)
    late = asyncio.create_task(scene.keeper.renew())
    await world.advance(seconds(1))
    del scene.line.delays["renew"]
    await scene.keeper.renew()
    await world.advance(seconds(1))
    await late
    world.clock.advance(ms(1699))
    assert scene.keeper.is_trusted


async def test_a_lease_that_is_almost_over_when_the_store_is_back_is_renewed(world: World, scene: Scene) -> None:
    async with scene.keeper:
        scene.line.cut = True
        await world.advance(ms(2700))
        scene.line.cut = False
        await world.advance(seconds(1))
        assert (scene.keeper.is_trusted, scene.keeper.is_lost) == (True, False)


async def test_an_unexpected_error_is_recorded_and_renewals_continue(world: World, scene: Scene) -> None:
    async with scene.keeper:
        scene.line.faults["renew"] = [RuntimeError("unexpected")]
        await world.advance(seconds(1))
        assert [str(event.error) for event in scene.events.of(UnexpectedErrorCaught)] == ["unexpected"]
        await world.advance(seconds(60))
        assert scene.keeper.is_trusted


async def test_a_lease_that_ran_out_is_lost_once_and_not_released(world: World, scene: Scene) -> None:
    async with scene.keeper:
        await world.locks.release(scene.lease)
        await world.advance(seconds(1))
        assert scene.keeper.is_lost
        assert not scene.keeper.is_trusted
        scene.keeper.mark_lost()
        await world.advance(seconds(60))
    assert scene.events.events == [LeaseAcquired(scene.lease), LeaseLost(scene.lease)]
    assert scene.wake_ups == [None]
    assert scene.line.calls == ["renew"]


async def test_a_lease_that_is_marked_lost_is_not_renewed_again(world: World, scene: Scene) -> None:
    async with scene.keeper:
        await let_others_run()
        scene.keeper.mark_lost()
        assert scene.wake_ups == [None]
        await world.advance(seconds(60))
    assert scene.line.calls == ["renew"]


async def test_an_owner_that_is_cancelled_at_the_end_of_the_context_stays_cancelled(
    world: World, scene: Scene
) -> None:
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
