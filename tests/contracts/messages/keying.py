from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from postdate.application.ports.message_writer import KeyedAddResult, KeyedMessage, KeyHolder, KeyResult
from postdate.domain.messages.query import Query
from postdate.domain.messages.request_key import KEY_RETENTION, RequestKey
from tests.contracts.messages.finding import found
from tests.contracts.world import FIRST, MS, StoreWorld

if TYPE_CHECKING:
    from postdate.domain.messages.message import Message

SECOND = timedelta(seconds=1)
AT_ONCE = 50
FINGERPRINT, OTHER_FINGERPRINT = b"fingerprint 0001", b"fingerprint 0002"


def keyed(message: Message, key: str = "k", fingerprint: bytes = FINGERPRINT) -> KeyedMessage:
    return KeyedMessage(message=message, key=RequestKey(key=key, fingerprint=fingerprint))


class Keying:
    async def test_a_message_with_a_free_key_is_stored(self, world: StoreWorld) -> None:
        message = world.message(SECOND)
        added = await world.writer.add_keyed([keyed(message)])
        assert added == KeyedAddResult(answers=[KeyResult.STORED], next_due_moved_up=frozenset({FIRST}))
        assert await world.store.get(message.id) == message

    async def test_a_taken_key_returns_its_holder_and_stores_nothing(self, world: StoreWorld) -> None:
        first, second = world.messages(2)
        await world.writer.add_keyed([keyed(first)])
        added = await world.writer.add_keyed([keyed(second, fingerprint=OTHER_FINGERPRINT)])
        assert added == KeyedAddResult(answers=[KeyHolder(fingerprint=FINGERPRINT, message_id=first.id)])
        assert await world.store.get(second.id) is None
        assert await world.claim(await world.lease()) == [world.held(first)]

    async def test_keys_are_given_in_the_order_of_the_batch(self, world: StoreWorld) -> None:
        messages = world.messages(4)
        added = await world.writer.add_keyed(
            [keyed(message, key) for message, key in zip(messages, ["a", "b", "a", "ключ\0"], strict=True)]
        )
        holder = KeyHolder(fingerprint=FINGERPRINT, message_id=messages[0].id)
        assert added.answers == [KeyResult.STORED, KeyResult.STORED, holder, KeyResult.STORED]

    async def test_a_taken_id_leaves_its_key_free(self, world: StoreWorld) -> None:
        there, message = await world.added(), world.message()
        assert (await world.writer.add_keyed([keyed(there)])).answers == [KeyResult.ID_TAKEN]
        assert await world.store.get(there.id) == there
        assert (await world.writer.add_keyed([keyed(message)])).answers == [KeyResult.STORED]

    async def test_one_of_many_concurrent_messages_with_the_same_key_is_stored(self, world: StoreWorld) -> None:
        messages = world.messages(AT_ONCE)
        added = await asyncio.gather(*(world.writer.add_keyed([keyed(message)]) for message in messages))
        answers = [answer for each in added for answer in each.answers]
        assert answers.count(KeyResult.STORED) == 1
        winner = messages[answers.index(KeyResult.STORED)]
        assert {answer.message_id for answer in answers if isinstance(answer, KeyHolder)} == {winner.id}
        assert await world.claim(await world.lease()) == [world.held(winner)]

    async def test_a_key_outlives_its_message_and_is_free_after_a_day(self, world: StoreWorld) -> None:
        first, second, third = world.messages(3)
        await world.writer.add_keyed([keyed(first)])
        await world.cancel(first.id)
        world.go_on(KEY_RETENTION - MS)
        holder = KeyHolder(fingerprint=FINGERPRINT, message_id=first.id)
        assert (await world.writer.add_keyed([keyed(second)])).answers == [holder]
        world.go_on(MS)
        added = await world.writer.add_keyed([keyed(third, fingerprint=OTHER_FINGERPRINT)])
        assert added.answers == [KeyResult.STORED]

    async def test_a_keyed_message_is_found_by_its_labels(self, world: StoreWorld) -> None:
        first, second = world.message(labels=("a", "b")), world.message(labels=("a",))
        await world.writer.add_keyed([keyed(first), keyed(second)])
        assert await found(world, Query(label="a")) == await found(world, Query(label="b")) == [first]

    async def test_one_of_two_keyed_messages_with_the_same_id_is_stored(self, world: StoreWorld) -> None:
        message = world.message()
        added = await world.writer.add_keyed([keyed(message, "a"), keyed(message, "b")])
        assert added.answers == [KeyResult.STORED, KeyResult.ID_TAKEN]
        (answer,) = (await world.writer.add_keyed([keyed(world.message(), "b")])).answers
        assert answer is KeyResult.STORED

    async def test_a_keyed_message_that_is_due_later_does_not_move_next_due_up(self, world: StoreWorld) -> None:
        await world.added(SECOND)
        assert (await world.writer.add_keyed([keyed(world.message(2 * SECOND))])).next_due_moved_up == set()

    async def test_a_thousand_keyed_messages_are_added_at_once(self, world: StoreWorld) -> None:
        messages = world.messages(1000)
        group = [keyed(message, str(number)) for number, message in enumerate(messages)]
        assert set((await world.writer.add_keyed(group)).answers) == {KeyResult.STORED}
        assert [
            answer.message_id
            for answer in (await world.writer.add_keyed(group)).answers
            if isinstance(answer, KeyHolder)
        ] == [message.id for message in messages]
