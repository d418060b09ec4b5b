from __future__ import annotations

from datetime import timedelta

from postdate.application.ports.claim_store import PartitionState
from postdate.domain.lease import Role
from tests.contracts.world import FIRST, FIRST_OF_TWO_DIGITS, MS, TTL, StoreWorld

SECOND = timedelta(seconds=1)


class ReadingPartitionState:
    async def test_an_empty_partition_has_no_next_due_time_and_no_roles(self, world: StoreWorld) -> None:
        assert await world.claims.partition_state(FIRST) == PartitionState(
            now=world.clock.now(), next_due=None, roles={}
        )

    async def test_the_state_shows_the_earliest_waiting_message(self, world: StoreWorld) -> None:
        await world.added(3 * SECOND)
        earliest = await world.added(2 * SECOND)
        state = await world.claims.partition_state(FIRST)
        assert (state.next_due, state.overdue) == (earliest.due_at, None)
        world.go_on(2 * SECOND + 5 * MS)
        state = await world.claims.partition_state(FIRST)
        assert (state.next_due, state.overdue) == (earliest.due_at, 5 * MS)

    async def test_a_claimed_message_does_not_wait(self, world: StoreWorld) -> None:
        await world.claimed(await world.lease())
        assert (await world.claims.partition_state(FIRST)).next_due is None

    async def test_a_message_that_was_given_back_waits_again(self, world: StoreWorld) -> None:
        lease = await world.lease()
        claimed = await world.claimed(lease)
        await world.locks.release(lease)
        assert (await world.claims.partition_state(FIRST)).next_due == claimed.due_at

    async def test_the_state_shows_which_roles_are_held_and_until_when(self, world: StoreWorld) -> None:
        leader, standby = await world.lease("leader"), await world.lease("standby", ttl=2 * TTL)
        started_at = world.clock.now()
        await world.locks.acquire_role(leader, Role.LEADER)
        await world.locks.acquire_role(standby, Role.STANDBY)
        roles = {Role.LEADER: started_at + TTL, Role.STANDBY: started_at + 2 * TTL}
        assert (await world.claims.partition_state(FIRST)).roles == roles
        world.go_on(SECOND)
        await world.locks.renew(leader)
        assert (await world.claims.partition_state(FIRST)).roles[Role.LEADER] == world.clock.now() + TTL

    async def test_a_role_whose_lease_has_expired_is_missing(self, world: StoreWorld) -> None:
        await world.locks.acquire_role(await world.lease(), Role.LEADER)
        world.go_on(TTL - MS)
        assert (await world.claims.partition_state(FIRST)).roles == {Role.LEADER: world.clock.now() + MS}
        world.go_on(MS)
        assert (await world.claims.partition_state(FIRST)).roles == {}

    async def test_partitions_are_independent(self, world: StoreWorld) -> None:
        await world.added()
        await world.locks.acquire_role(await world.lease(), Role.LEADER)
        state = await world.claims.partition_state(FIRST_OF_TWO_DIGITS)
        assert (state.next_due, state.roles) == (None, {})
