"""The embedded server as its users see it: start or join it, keep it running, leave it."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from ...domain.errors import ConfigurationError
from .control_client import shut_down, wait_until_gone
from .data_folder import DataFolder
from .file_lock import POLL_SECONDS, FileLock
from .restart_backoff import RestartBackoff
from .startup import ensure_listening, is_running, startup_deadline, wait_until_ready

if TYPE_CHECKING:
    from pathlib import Path

LOG = logging.getLogger("postdate.embedded")

STARTUP_TIMEOUT = timedelta(seconds=30)
MAX_STOP_TIMEOUT = timedelta(seconds=10)


class EmbeddedServer:
    """One user of the one server of a data folder.

    Three locks in the folder tell which user is joining or leaving, which users there are, and whether a server
    runs. The kernel releases the locks of a process that was killed, so nothing has to be cleaned up after it.
    """

    def __init__(
        self, data_dir: Path, *, binary: Path | None = None, startup_timeout: timedelta = STARTUP_TIMEOUT
    ) -> None:
        self._folder = DataFolder(data_dir.expanduser().absolute())
        self._binary = binary
        self._startup_seconds = startup_timeout.total_seconds()
        self._stop_seconds = min(startup_timeout, MAX_STOP_TIMEOUT).total_seconds()
        self._users_lock: FileLock | None = None
        self._backoff = RestartBackoff()
        self._is_available = False
        self._last_logged = ""

    @property
    def url(self) -> str:
        """The URL of the server, for `redis.asyncio.from_url`. A restart does not change it."""
        return f"unix://{quote(str(self._folder.socket))}"

    async def start(self) -> None:
        """Joins the folder's server or starts it. Returns when the server answers and has loaded all its data.

        Raises:
            ConfigurationError: The folder cannot be used, or there is no server binary.
            ServerDidNotStartError: The server ended, or did not answer in time.
        """
        try:
            await asyncio.to_thread(self._folder.prepare)
            await self._join()
            await self._ensure_ready()
        except BaseException:
            await self.stop()
            raise

    async def keep_running(self) -> None:
        """Restarts the server whenever it has ended, until cancelled or until `stop` is called. Never raises."""
        while await self._must_restart():
            try:
                await asyncio.to_thread(self._folder.prepare)
                await self._ensure_ready()
            except Exception as error:  # noqa: BLE001 - the next attempt may succeed, whatever the error is
                self._log_change(logging.ERROR, f"the embedded store is away: {error}")
            else:
                self._log_change(logging.INFO, "the embedded store is back")

    async def stop(self) -> None:
        """Leaves the server. The last user to leave shuts it down, with its data on disk.

        Does nothing if `start` was not called. Logs a warning if the server cannot be shut down in time.
        """
        users_lock, self._users_lock = self._users_lock, None
        if users_lock is None:
            return
        with users_lock:
            try:
                async with asyncio.timeout(self._stop_seconds):
                    await self._leave(users_lock)
            except (TimeoutError, ConfigurationError) as error:
                LOG.warning("the embedded store in %s is left running: %r", self._folder.path, error)

    async def _join(self) -> None:
        # The lock is acquired before the check for a running server. So a user that leaves at the same time does
        # not shut the server down after that check.
        async with startup_deadline(self._folder, self._startup_seconds):
            self._users_lock = self._users_lock or await FileLock.shared(self._folder.users_lock)

    async def _ensure_ready(self) -> None:
        async with startup_deadline(self._folder, self._startup_seconds) as deadline:
            with await FileLock.exclusive(self._folder.start_lock):
                if self._users_lock is None:
                    return
                await ensure_listening(self._folder, self._binary)
            # The start lock is free again: loading a long file takes longer than others would wait for the lock.
            await wait_until_ready(self._folder, deadline, self._startup_seconds)
            self._is_available = True

    async def _leave(self, users_lock: FileLock) -> None:
        # The start lock keeps other users from joining between the check for the last user and the shutdown.
        with await FileLock.exclusive(self._folder.start_lock):
            users_lock.release()
            last_users_lock = FileLock.try_exclusive(self._folder.users_lock)
            if last_users_lock is not None:
                with last_users_lock:
                    await self._shut_down()

    async def _shut_down(self) -> None:
        while is_running(self._folder):
            await shut_down(self._folder.socket)
            await asyncio.sleep(POLL_SECONDS)

    async def _must_restart(self) -> bool:
        """Waits until the server has ended and its restart is due. Returns false if this user has left."""
        delay_seconds = self._backoff.after(await self._lifetime_seconds())
        if self._users_lock is not None and self._is_available:
            self._is_available = False
            self._log_change(logging.WARNING, "the embedded store is gone; starting it again")
        await asyncio.sleep(delay_seconds)
        return self._users_lock is not None

    async def _lifetime_seconds(self) -> float:
        """Waits until the server has ended. Returns for how many seconds it was there; 0 if it was not there."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            await wait_until_gone(self._folder.socket)
        except OSError:
            return 0.0
        return clock() - began

    def _log_change(self, level: int, text: str) -> None:
        """Logs a change of state. A text that repeats the latest one is not logged."""
        if text != self._last_logged:
            self._last_logged = text
            LOG.log(level, "%s", text)
