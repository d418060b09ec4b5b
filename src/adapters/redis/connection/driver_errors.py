"""Translates the errors of the driver into errors of the domain."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from redis import exceptions

from ....domain.errors import StoreFullError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

MAX_ANSWER_SECONDS = 5.0
"""How long the server may take to answer before it counts as unavailable."""


@asynccontextmanager
async def answered() -> AsyncIterator[None]:
    """Limits the time of a command in the block, and translates its errors.

    The driver's own timeouts are not used because they lose cancellations: on Python 3.11 the driver waits with
    `asyncio.wait_for`, which swallows a cancellation that comes together with the answer. The cancelled task would
    go on.

    Raises:
        StoreFullError: The server has reached its memory limit.
        StoreUnavailableError: The server did not answer within `MAX_ANSWER_SECONDS`, or any other error occurred.
    """
    with translated():
        async with asyncio.timeout(MAX_ANSWER_SECONDS):
            yield


@contextmanager
def translated() -> Iterator[None]:
    """Raises an error of the domain for every error of the driver or the server in the block.

    Raises:
        StoreFullError: The server has reached its memory limit.
        StoreUnavailableError: Any other error, from a broken connection to a wrong password: an operator may fix
            the cause while Postdate goes on trying.
    """
    try:
        yield
    except exceptions.OutOfMemoryError as error:
        raise StoreFullError(str(error)) from error
    except exceptions.ResponseError as error:
        # An error inside a script has the server's error code within its text.
        if "OOM command not allowed" in str(error):
            raise StoreFullError(str(error)) from error
        raise StoreUnavailableError(str(error)) from error
    except (exceptions.RedisError, OSError) as error:
        raise StoreUnavailableError(str(error) or "it did not answer in time") from error
