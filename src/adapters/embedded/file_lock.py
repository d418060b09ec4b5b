"""Advisory locks between processes. The kernel releases them when the holder ends, also if it is killed."""

from __future__ import annotations

import asyncio
import fcntl
import os
from typing import TYPE_CHECKING, Self, TypeVar

from ...domain.errors import ConfigurationError
from .server_errors import DATA_DIR

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Lock = TypeVar("Lock", bound="FileLock")

# Another process cannot wake this one, so waiting for another process means polling at this interval.
POLL_SECONDS = 0.01


class FileLock:
    """A lock that is held from its creation until `release`, by every process that has its descriptor."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def try_exclusive(cls, path: Path) -> Self | None:
        """Acquires the lock exclusively if nobody holds it. Returns `None` otherwise; never waits.

        Raises:
            ConfigurationError: The lock file cannot be opened or locked.
        """
        return cls._try(path, fcntl.LOCK_EX)

    @classmethod
    def try_shared(cls, path: Path) -> Self | None:
        """Acquires the lock shared if nobody holds it exclusively. Returns `None` otherwise; never waits.

        Raises:
            ConfigurationError: The lock file cannot be opened or locked.
        """
        return cls._try(path, fcntl.LOCK_SH)

    @classmethod
    async def exclusive(cls, path: Path) -> Self:
        """Acquires the lock exclusively. Waits until nobody else holds it.

        Raises:
            ConfigurationError: The lock file cannot be opened or locked.
        """
        return await _acquired(cls.try_exclusive, path)

    @classmethod
    async def shared(cls, path: Path) -> Self:
        """Acquires the lock shared. Waits until nobody holds it exclusively.

        Raises:
            ConfigurationError: The lock file cannot be opened or locked.
        """
        return await _acquired(cls.try_shared, path)

    @classmethod
    def _try(cls, path: Path, kind: int) -> Self | None:
        try:
            return cls(_open_locked(path, kind))
        except BlockingIOError:
            return None
        except OSError as error:
            raise ConfigurationError(DATA_DIR, f"cannot lock {path}: {error.strerror}") from error

    def release(self) -> None:
        """Releases this process's hold on the lock. A process that inherited the descriptor still holds the lock.

        A second call does nothing.
        """
        # The descriptor is closed, not unlocked: unlocking would release the lock for that process as well.
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> Self:
        """Begins a block that holds the lock."""
        return self

    def __exit__(self, *_: object) -> None:
        """Releases the lock at the end of the block."""
        self.release()


def _open_locked(path: Path, kind: int) -> int:
    # Python opens files as not inheritable, so a child process holds only a lock that it is passed explicitly.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


async def _acquired(attempt: Callable[[Path], Lock | None], path: Path) -> Lock:
    while (lock := attempt(path)) is None:  # noqa: ASYNC110 - another process cannot set an event of this one
        await asyncio.sleep(POLL_SECONDS)
    return lock
