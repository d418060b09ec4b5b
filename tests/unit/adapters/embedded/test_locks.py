from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.embedded.locks import FileLock
from postdate.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_a_lock_held_alone_is_refused_to_everyone_else(path: Path) -> None:
    with FileLock.try_alone(path) or pytest.fail("it is free"):
        assert FileLock.try_alone(path) is None
        assert FileLock.try_together(path) is None
    with FileLock.try_alone(path) or pytest.fail("it is free again"):
        pass


def test_a_lock_held_together_is_refused_only_to_one_who_wants_it_alone(path: Path) -> None:
    with (
        FileLock.try_together(path) or pytest.fail("it is free"),
        FileLock.try_together(path) or pytest.fail("it can be shared"),
    ):
        assert FileLock.try_alone(path) is None


async def test_a_lock_is_had_as_soon_as_it_is_free(path: Path) -> None:
    with FileLock.try_alone(path) or pytest.fail("it is free"):
        waiting = asyncio.ensure_future(FileLock.alone(path))
        sharing = asyncio.ensure_future(FileLock.together(path))
        done, _ = await asyncio.wait({waiting, sharing}, timeout=0.05)
        assert not done
    async with asyncio.timeout(5):
        first, _ = await asyncio.wait({waiting, sharing}, return_when=asyncio.FIRST_COMPLETED)
        for lock in first:
            lock.result().release()
        for lock in {waiting, sharing} - first:
            (await lock).release()


def test_no_child_inherits_a_lock_that_it_was_not_handed(path: Path) -> None:
    with FileLock.try_alone(path) or pytest.fail("it is free") as lock:
        assert not os.get_inheritable(lock.descriptor)


def test_a_copy_of_the_descriptor_goes_on_holding_a_lock_that_was_released(path: Path) -> None:
    lock = FileLock.try_alone(path) or pytest.fail("it is free")
    copy = os.dup(lock.descriptor)
    lock.release()
    assert FileLock.try_alone(path) is None
    os.close(copy)
    with FileLock.try_alone(path) or pytest.fail("it is free again"):
        pass


def test_releasing_twice_closes_nobody_elses_file(path: Path) -> None:
    lock = FileLock.try_alone(path) or pytest.fail("it is free")
    lock.release()
    with path.open() as file:
        lock.release()
        assert file.read() == ""


def test_a_lock_that_cannot_be_made_is_a_fault_of_the_folder(path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^POSTDATE_DATA_DIR cannot lock /.*/none/lock: No such file"):
        FileLock.try_alone(path.parent / "none" / "lock")
