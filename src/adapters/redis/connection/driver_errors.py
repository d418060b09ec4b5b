"""What the driver raises, translated once into the domain's errors."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from redis import exceptions

from ....domain.errors import StoreFullError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ANSWER_WITHIN_SECONDS = 5.0
"""How long the server may take to answer before it counts as away."""


@asynccontextmanager
async def answered() -> AsyncIterator[None]:
    """Bounds how long a command within may take, and translates what goes wrong with it.

    The bound is ours because the driver's own loses cancellations: on Python 3.11 it waits by `asyncio.wait_for`,
    which swallows a cancellation that comes together with the answer, and a task that was told to end goes on.

    Raises:
        StoreFullError: as `translated` says.
        StoreUnavailableError: likewise, and when there was no answer in time.
    """
    with translated():
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
            yield


@contextmanager
def translated() -> Iterator[None]:
    """Raises a domain error for whatever the driver or the server raises within.

    Raises:
        StoreFullError: the server has reached its memory limit.
        StoreUnavailableError: anything else, from a broken connection to a refused password: an operator may put
            it right while Postdate goes on trying.
    """
    try:
        yield
    except exceptions.OutOfMemoryError as error:
        raise StoreFullError(str(error)) from error
    except exceptions.ResponseError as error:
        # Within a script the server's own code is inside the sentence.
        if "OOM command not allowed" in str(error):
            raise StoreFullError(str(error)) from error
        raise StoreUnavailableError(str(error)) from error
    except (exceptions.RedisError, OSError) as error:
        raise StoreUnavailableError(str(error) or "it did not answer in time") from error
