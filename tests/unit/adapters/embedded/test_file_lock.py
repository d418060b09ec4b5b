from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.embedded.file_lock import FileLock
from postdate.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_an_exclusive_lock_excludes_every_other_holder(path: Path) -> None:
    with FileLock.try_exclusive(path) or pytest.fail("the lock is not free"):
        assert FileLock.try_exclusive(path) is None
        assert FileLock.try_shared(path) is None
    with FileLock.try_exclusive(path) or pytest.fail("the lock is not free again"):
        pass


def test_a_shared_lock_excludes_only_an_exclusive_holder(path: Path) -> None:
    with (
        FileLock.try_shared(path) or pytest.fail("the lock is not free"),
        FileLock.try_shared(path) or pytest.fail("the lock cannot be shared"),
    ):
        assert FileLock.try_exclusive(path) is None


async def test_a_waiting_lock_is_acquired_when_the_holder_releases_it(path: Path) -> None:
    with FileLock.try_exclusive(path) or pytest.fail("the lock is not free"):
        waiting = asyncio.ensure_future(FileLock.exclusive(path))
        sharing = asyncio.ensure_future(FileLock.shared(path))
        done, _ = await asyncio.wait({waiting, sharing}, timeout=0.05)
        assert not done
    async with asyncio.timeout(5):
        first, _ = await asyncio.wait({waiting, sharing}, return_when=asyncio.FIRST_COMPLETED)
        for lock in first:
            lock.result().release()
        for lock in {waiting, sharing} - first:
            (await lock).release()


def test_a_child_process_does_not_inherit_a_lock(path: Path) -> None:
    with FileLock.try_exclusive(path) or pytest.fail("the lock is not free") as lock:
        assert not os.get_inheritable(lock.descriptor)


def test_a_copy_of_the_descriptor_still_holds_a_released_lock(path: Path) -> None:
    lock = FileLock.try_exclusive(path) or pytest.fail("the lock is not free")
    copy = os.dup(lock.descriptor)
    lock.release()
    assert FileLock.try_exclusive(path) is None
    os.close(copy)
    with FileLock.try_exclusive(path) or pytest.fail("the lock is not free again"):
        pass


def test_a_second_release_does_not_close_another_file(path: Path) -> None:
    lock = FileLock.try_exclusive(path) or pytest.fail("the lock is not free")
    lock.release()
    with path.open() as file:
        lock.release()
        assert file.read() == ""


def test_a_lock_that_cannot_be_created_is_a_configuration_error_of_the_folder(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^POSTDATE_DATA_DIR cannot lock /.*/none/lock: No such file"):
        FileLock.try_exclusive(path.parent / "none" / "lock")
