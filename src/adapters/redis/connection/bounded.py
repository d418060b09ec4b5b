"""A client that asks for a short while only, for questions that another server can answer as well."""

from __future__ import annotations

import asyncio
from typing import Any

from redis import exceptions
from redis.asyncio import Redis

ASK_FOR_SECONDS = 1.0
"""Several can be asked, one after the other, within the time that a command as a whole may take."""


class BoundedRedis(Redis):
    """Gives up on a server that hangs. By its own means the driver would lose cancellations: see `answered`."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # as the driver has it
        """Returns the answer.

        Raises:
            redis.exceptions.TimeoutError: there was none in time.
        """
        try:
            async with asyncio.timeout(ASK_FOR_SECONDS):
                return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # as redis has it
        except TimeoutError as error:
            raise exceptions.TimeoutError("it did not answer in time") from error
