"""What the driver raises, translated once into the domain's errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from redis import exceptions

from ...domain.errors import StoreFullError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator


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
        raise StoreUnavailableError(str(error) or type(error).__name__) from error
