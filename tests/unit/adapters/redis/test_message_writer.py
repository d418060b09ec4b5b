from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.redis.keys import KeySpace
from postdate.adapters.redis.message_writer import RedisMessageWriter
from postdate.adapters.system.id_generator import ShortIdGenerator
from postdate.domain.errors import StoreUnavailableError
from postdate.domain.messages.message import Message
from tests.unit.application.world import let_others_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from postdate.adapters.redis.keys import PartitionKeys

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class WaitingScripts:
    """Scripts whose replies a test gives."""

    def __init__(self) -> None:
        self.replies: dict[str, asyncio.Future[tuple[bool, Sequence[bytes]]]] = {}

    async def add_messages(self, keys: PartitionKeys, messages: Iterable[Any]) -> tuple[bool, Sequence[bytes]]:
        del messages
        reply: asyncio.Future[tuple[bool, Sequence[bytes]]] = asyncio.get_running_loop().create_future()
        self.replies[keys.tag] = reply
        return await reply


async def adding_to_two_partitions(scripts: WaitingScripts) -> asyncio.Task[Any]:
    ids = ShortIdGenerator(partitions=2)
    messages = [
        Message(id=ids.next(NOW), body=b"1", to="console", at=NOW, due_at=NOW, created_at=NOW) for _ in range(2)
    ]
    writer = RedisMessageWriter(scripts, KeySpace("n"), ids)  # type: ignore[arg-type]  # it calls no other script
    adding = asyncio.create_task(writer.add(messages))
    await let_others_run()
    return adding


async def test_messages_of_several_partitions_are_added_at_the_same_time() -> None:
    scripts = WaitingScripts()
    adding = await adding_to_two_partitions(scripts)
    assert len(scripts.replies) == 2
    for reply in scripts.replies.values():
        reply.set_result((True, []))
    assert (await adding).next_due_moved_up == {0, 1}


@pytest.mark.parametrize("of_the_last", [True, False])
async def test_an_error_of_one_partition_is_raised_once_all_have_answered(*, of_the_last: bool) -> None:
    scripts = WaitingScripts()
    adding = await adding_to_two_partitions(scripts)
    (_, failing), (_, other) = sorted(scripts.replies.items(), reverse=of_the_last)
    failing.set_exception(StoreUnavailableError("away"))
    await let_others_run()
    assert not adding.done()
    other.set_result((False, []))
    with pytest.raises(StoreUnavailableError, match="away"):
        await adding
