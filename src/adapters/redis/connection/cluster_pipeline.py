"""Several commands over one connection to one node of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis.exceptions import AskError, TryAgainError

from .slots import slot_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from redis.asyncio import Redis

    from .cluster import ClusterRedis

    _Command = tuple[Any, ...]


class ClusterPipeline:
    """Goes to the node that has the key of the first command.

    All commands are sent again if that node refuses the first, so those behind it have to bear repetition.
    """

    def __init__(self, cluster: ClusterRedis) -> None:
        self._cluster = cluster
        self._commands: list[_Command] = []

    async def __aenter__(self) -> Self:
        """Begins."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forgets what was noted and not sent."""
        self._commands.clear()

    def execute_command(self, *args: Any) -> None:  # noqa: ANN401  # as the driver has it
        """Notes a command."""
        self._commands.append(args)

    async def execute(self, raise_on_error: bool = True) -> Sequence[Any]:  # noqa: FBT001, FBT002  # as the driver has it
        """Sends what was noted and returns the answers in order; errors among them unless told to raise."""
        commands, self._commands = self._commands, []

        async def send(node: Redis, asking: bool) -> Sequence[Any]:  # noqa: FBT001  # as `at_master` has it
            return await send_all(node, commands, asking=asking)

        answers = await self._cluster.at_master(slot_of(commands[0]), send)
        for answer in answers if raise_on_error else ():
            if isinstance(answer, Exception):
                raise answer
        return answers


async def send_all(node: Redis, commands: Sequence[_Command], *, asking: bool) -> Sequence[Any]:
    """Sends commands; raises the first one's error if it says where to go, and returns all others.

    A node that is about to get a slot has to be asked before each command.
    """
    async with node.pipeline(transaction=False) as pipe:
        for command in commands:
            if asking:
                pipe.execute_command("ASKING")
            pipe.execute_command(*command)
        answers: Sequence[Any] = (await pipe.execute(raise_on_error=False))[1 if asking else 0 :: 1 + asking]
    if isinstance(answers[0], AskError | TryAgainError):
        raise answers[0]
    return answers
