from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.redis.keys import KeySpace
from postdate.adapters.redis.message_store import RedisMessageStore
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.messages.message import Message
from postdate.domain.retention import Retention

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from postdate.adapters.redis.keys import PartitionKeys

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class HeldScripts:
    """Holds each call back until a test answers it."""

    def __init__(self) -> None:
        self.answers: dict[str, asyncio.Future[tuple[bool, Sequence[bytes]]]] = {}

    async def add_messages(self, keys: PartitionKeys, messages: Iterable[Any]) -> tuple[bool, Sequence[bytes]]:
        del messages
        answer: asyncio.Future[tuple[bool, Sequence[bytes]]] = asyncio.get_running_loop().create_future()
        self.answers[keys.tag] = answer
        return await answer


async def adding_to_two_partitions(scripts: HeldScripts) -> asyncio.Task[Any]:
    ids = ShortIdGenerator(partitions=2)
    messages = [
        Message(id=ids.next(NOW), body=b"1", to="console", at=NOW, due_at=NOW, created_at=NOW) for _ in range(2)
    ]
    store: Any = RedisMessageStore(scripts, KeySpace("n"), ids, None, Retention())  # type: ignore[arg-type]  # it asks for no more here
    adding = asyncio.create_task(store.add(messages))
    for _ in range(5):
        await asyncio.sleep(0)
    return adding


async def test_partitions_are_asked_at_once() -> None:
    scripts = HeldScripts()
    adding = await adding_to_two_partitions(scripts)
    assert len(scripts.answers) == 2
    for answer in scripts.answers.values():
        answer.set_result((True, []))
    assert (await adding).next_due_moved_up == {0, 1}


@pytest.mark.parametrize("of_the_last", [True, False])
async def test_a_fault_is_told_once_every_partition_has_answered(*, of_the_last: bool) -> None:
    scripts = HeldScripts()
    adding = await adding_to_two_partitions(scripts)
    answers = sorted(scripts.answers.items(), reverse=of_the_last)
    answers[0][1].set_exception(StoreUnavailableError("away"))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not adding.done()
    answers[1][1].set_result((False, []))
    with pytest.raises(StoreUnavailableError, match="away"):
        await adding
