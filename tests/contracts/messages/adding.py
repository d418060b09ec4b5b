from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from postdate.application.ports.message_writer import AddResult
from postdate.domain.ids import MessageId
from postdate.domain.messages.retry import Backoff, RetryPolicy
from tests.contracts.world import FIRST, FIRST_OF_TWO_DIGITS, MS, NOW, PARTITIONS, StoreWorld

SECOND = timedelta(seconds=1)
MORE_THAN_ONE_CHUNK = 700
UNUSUAL_RETRY = RetryPolicy(
    attempts=17, backoff=Backoff.FIXED, base=timedelta(milliseconds=1), cap=timedelta(days=40), jitter=False
)


class Adding:
    async def test_a_message_is_stored_unchanged(self, world: StoreWorld) -> None:
        message = world.message(SECOND, to="console:elsewhere", body=b'"hello"')
        await world.writer.add([message])
        assert await world.store.get(message.id) == message

    async def test_an_unknown_id_has_no_message(self, world: StoreWorld) -> None:
        await world.added()
        assert await world.store.get(world.message().id) is None

    @pytest.mark.parametrize(
        "body",
        [
            b"null",
            b'""',
            b'"\\u0000"',
            b'"\x7f\xc2\x80\xdf\xbf"',
            '"žluťoučký 鳥 🕊\u2028\u2029\ufeff\uffff\U0010ffff"'.encode(),
            b'"\\n\\r\\t\\"\\\\"',
            b"[1,2.5e3,{}]",
            b'"' + b"x" * 1_000_000 + b'"',
        ],
        ids=lambda body: ascii(body[:20]),
    )
    async def test_a_body_in_utf_8_is_returned_byte_for_byte(self, world: StoreWorld, body: bytes) -> None:
        message = world.message(body=body)
        await world.writer.add([message])
        assert (await world.now_in_store(message)).body == body
        (claimed,) = await world.claim(await world.lease())
        assert claimed.body == body

    async def test_a_retry_policy_is_stored(self, world: StoreWorld) -> None:
        message = world.message(retry=UNUSUAL_RETRY)
        await world.writer.add([message])
        assert (await world.now_in_store(message)).retry == UNUSUAL_RETRY
        (claimed,) = await world.claim(await world.lease())
        assert claimed.retry == UNUSUAL_RETRY

    @pytest.mark.parametrize("year", [1, 1969, 9999])
    async def test_a_due_time_in_any_year_is_stored(self, world: StoreWorld, year: int) -> None:
        due_at = datetime(year, 12, 31, 23, 59, 59, 999_000, UTC)
        message = replace(world.message(), at=due_at, due_at=due_at)
        await world.writer.add([message])
        assert await world.store.get(message.id) == message
        assert (await world.claims.partition_state(FIRST)).next_due == due_at

    async def test_a_message_with_a_taken_id_is_refused_and_the_others_are_stored(self, world: StoreWorld) -> None:
        first = await world.added(SECOND)
        intruder = replace(first, body=b'"other"', due_at=world.clock.now())
        bystander = world.message()
        added = await world.writer.add([intruder, bystander])
        assert added.refused == {first.id}
        assert await world.store.get(first.id) == first
        assert await world.claim(await world.lease()) == [world.held(bystander)]

    async def test_the_first_of_two_messages_with_the_same_id_is_stored(self, world: StoreWorld) -> None:
        first = world.message(SECOND)
        added = await world.writer.add([first, replace(first, body=b'"other"', due_at=world.clock.now())])
        assert added.refused == {first.id}
        assert await world.store.get(first.id) == first
        assert (await world.claims.partition_state(FIRST)).next_due == first.due_at

    async def test_a_repeated_id_is_refused_however_far_apart_in_a_batch(self, world: StoreWorld) -> None:
        messages = world.messages(MORE_THAN_ONE_CHUNK)
        added = await world.writer.add([*messages, replace(messages[0], body=b'"other"')])
        assert added.refused == {messages[0].id}
        assert await world.store.get(messages[0].id) == messages[0]

    async def test_ids_are_refused_wherever_they_stand_in_a_large_batch(self, world: StoreWorld) -> None:
        messages = world.messages(MORE_THAN_ONE_CHUNK)
        taken = messages[::7]
        await world.writer.add(taken)
        assert (await world.writer.add(messages)).refused == {message.id for message in taken}
        claimed = await world.claim(lease := await world.lease(), 500) + await world.claim(lease, 500)
        assert claimed == [world.held(message) for message in messages]

    async def test_an_id_stays_taken_in_every_state_of_its_message(self, world: StoreWorld) -> None:
        lease = await world.lease()
        delivered, dead = await world.delivered(lease), await world.died(lease)
        claimed = await world.claimed(lease)
        cancelled = await world.added()
        await world.cancel(cancelled.id)
        taken = {delivered.id, dead.id, claimed.id, cancelled.id}
        added = await world.writer.add([replace(world.message(), id=message_id) for message_id in sorted(taken)])
        assert added == AddResult(refused=frozenset(taken))
        assert await world.claim(lease) == []

    async def test_the_first_message_of_a_partition_moves_its_next_due_up(self, world: StoreWorld) -> None:
        assert (await world.writer.add([world.message(SECOND)])).next_due_moved_up == {FIRST}

    @pytest.mark.parametrize(
        ("due_in", "moves_up"), [(SECOND - MS, True), (SECOND, False), (SECOND + MS, False), (-SECOND, True)]
    )
    async def test_next_due_moves_up_only_for_a_message_due_before_all_others(
        self, world: StoreWorld, due_in: timedelta, *, moves_up: bool
    ) -> None:
        await world.added(SECOND)
        added = await world.writer.add([world.message(2 * SECOND), world.message(due_in)])
        assert added.next_due_moved_up == ({FIRST} if moves_up else set())

    async def test_a_refused_message_does_not_move_next_due_up(self, world: StoreWorld) -> None:
        message = await world.added(SECOND)
        added = await world.writer.add([replace(message, due_at=world.clock.now())])
        assert added == AddResult(refused=frozenset({message.id}))

    async def test_a_claimed_message_does_not_count_for_next_due(self, world: StoreWorld) -> None:
        await world.claimed(await world.lease())
        assert (await world.writer.add([world.message(SECOND)])).next_due_moved_up == {FIRST}

    async def test_adding_nothing_changes_nothing(self, world: StoreWorld) -> None:
        assert await world.writer.add([]) == AddResult()

    async def test_ten_thousand_messages_are_added_at_once(self, world: StoreWorld) -> None:
        messages = world.messages(10_000)
        assert await world.writer.add(messages) == AddResult(next_due_moved_up=frozenset({FIRST}))
        for message in (messages[0], messages[299], messages[300], messages[9_999]):
            assert await world.store.get(message.id) == message
        assert (await world.writer.add(messages)).refused == {message.id for message in messages}

    async def test_a_batch_may_contain_messages_of_several_partitions(self, world: StoreWorld) -> None:
        await world.writer.add([world.message(SECOND, partition=FIRST_OF_TWO_DIGITS)])
        messages = [
            world.message(due_in, partition=number) for due_in in (NOW, 2 * SECOND) for number in PARTITIONS
        ]
        late = [message for message in messages if message.due_at > world.clock.now()]
        added = await world.writer.add(messages)
        assert added.next_due_moved_up == set(PARTITIONS)
        assert (await world.writer.add(late)).refused == {MessageId(message.id) for message in late}
        for number, message in zip(PARTITIONS, messages, strict=False):
            assert await world.store.get(message.id) == message
            assert await world.claim(await world.lease(partition=number)) == [world.held(message)]
