"""A client with a short time limit, for questions that another server can answer as well."""

from __future__ import annotations

import asyncio
from typing import Any

from redis import exceptions
from redis.asyncio import Redis

MAX_DISCOVERY_SECONDS = 1.0
"""Short enough to ask several servers, one after the other, within the time limit of a whole command."""


class BoundedRedis(Redis):
    """A client that stops waiting for a server that hangs.

    It does not use the driver's own timeouts, which lose cancellations: see `answered`.
    """

    async def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # the driver's signature
        """Sends a command and returns the answer.

        Raises:
            redis.exceptions.TimeoutError: The server did not answer within `MAX_DISCOVERY_SECONDS`.
        """
        try:
            async with asyncio.timeout(MAX_DISCOVERY_SECONDS):
                return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # untyped in redis
        except TimeoutError as error:
            raise exceptions.TimeoutError("it did not answer in time") from error
