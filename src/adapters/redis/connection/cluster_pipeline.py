"""Several commands over one connection to one node of a cluster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis
from redis.exceptions import AskError, TryAgainError

from .slots import slot_of

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

Command = tuple[Any, ...]
SendAll = Callable[[Redis, bool], Awaitable[Sequence[Any]]]
"""Sends commands to a node and returns the answers. The flag says whether to send ASKING before each command."""
AtMaster = Callable[[int, SendAll], Awaitable[Sequence[Any]]]
"""Calls a `SendAll` with the master of a slot, and with other nodes to which that master redirects."""


class ClusterPipeline:
    """Sends all its commands to the node that has the key of the first command.

    If that node refuses the first command, all commands are sent again. So the commands after the first one must
    be safe to repeat.
    """

    def __init__(self, at_master: AtMaster) -> None:
        self._at_master = at_master
        self._commands: list[Command] = []

    async def __aenter__(self) -> Self:
        """Begins a block that collects commands."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Discards the commands that were not sent."""
        self._commands.clear()

    def execute_command(self, *args: Any) -> None:  # noqa: ANN401  # the driver's signature
        """Collects a command."""
        self._commands.append(args)

    async def execute(self, raise_on_error: bool = True) -> Sequence[Any]:  # noqa: FBT001, FBT002  # the driver's signature
        """Sends the collected commands and returns the answers in the order of the commands.

        Args:
            raise_on_error: Whether to raise the first error among the answers. Otherwise errors are returned.
        """
        commands, self._commands = self._commands, []

        async def send(node: Redis, asking: bool) -> Sequence[Any]:  # noqa: FBT001  # the signature of `SendAll`
            return await send_all(node, commands, asking=asking)

        answers = await self._at_master(slot_of(commands[0]), send)
        for answer in answers if raise_on_error else ():
            if isinstance(answer, Exception):
                raise answer
        return answers


async def send_all(node: Redis, commands: Sequence[Command], *, asking: bool) -> Sequence[Any]:
    """Sends commands to a node and returns the answers, with errors among them.

    If the first answer is an error that redirects or asks to try again, that error is raised.

    Args:
        node: The node.
        commands: The commands.
        asking: Whether to send ASKING before each command. A node that is importing the slot requires it.
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
