"""Advisory locks between processes, which the kernel releases when their holder dies, however it dies."""

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

# Other processes cannot wake us, so whoever waits for one looks again this often.
TICK_SECONDS = 0.01


class FileLock:
    """A lock that is held from its making until `release`, by everyone who has its descriptor."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def try_alone(cls, path: Path) -> Self | None:
        """Takes the lock when nobody has it, or answers None; never waits."""
        return cls._try(path, fcntl.LOCK_EX)

    @classmethod
    def try_together(cls, path: Path) -> Self | None:
        """Takes the lock when nobody has it alone, or answers None; never waits."""
        return cls._try(path, fcntl.LOCK_SH)

    @classmethod
    async def alone(cls, path: Path) -> Self:
        """Takes the lock as soon as nobody else has it."""
        return await _as_soon_as_free(cls.try_alone, path)

    @classmethod
    async def together(cls, path: Path) -> Self:
        """Takes the lock as soon as nobody has it alone."""
        return await _as_soon_as_free(cls.try_together, path)

    @classmethod
    def _try(cls, path: Path, kind: int) -> Self | None:
        try:
            return cls(_open_locked(path, kind))
        except BlockingIOError:
            return None
        except OSError as fault:
            raise ConfigurationError(DATA_DIR, f"cannot lock {path}: {fault.strerror}") from fault

    def release(self) -> None:
        """Lets go, once; a process that was handed the descriptor goes on holding the lock."""
        # Closed, not unlocked: unlocking would take the lock from that process too.
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
    # Python opens files so that no child inherits them: none holds a lock that it was not handed.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


async def _as_soon_as_free(attempt: Callable[[Path], Lock | None], path: Path) -> Lock:
    while (lock := attempt(path)) is None:  # noqa: ASYNC110 - no event crosses the border of a process
        await asyncio.sleep(TICK_SECONDS)
    return lock
