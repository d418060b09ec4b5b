"""The embedded server as its users see it: start or join, keep it running, leave."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from ...domain.errors import ConfigurationError
from .control_client import hold_the_line, shut_down
from .folder import DataFolder
from .locks import TICK_SECONDS, FileLock
from .restart_backoff import RestartBackoff
from .startup import lives, patience, until_listening, until_ready

if TYPE_CHECKING:
    from pathlib import Path

LOG = logging.getLogger("postdate.embedded")

STARTUP_TIMEOUT = timedelta(seconds=30)
PARTING_SECONDS = 10.0


class EmbeddedServer:
    """One user's share in the one server of a data folder.

    The folder's locks hold three facts that outlive no process: who joins or leaves just now, who uses the
    server, and whether a server lives. So nothing has to be cleaned up after a process that was killed.
    """

    def __init__(
        self, data_dir: Path, *, binary: Path | None = None, startup_timeout: timedelta = STARTUP_TIMEOUT
    ) -> None:
        self._folder = DataFolder(data_dir.expanduser().absolute())
        self._binary = binary
        self._startup_seconds = startup_timeout.total_seconds()
        self._parting_seconds = min(self._startup_seconds, PARTING_SECONDS)
        self._share: FileLock | None = None
        self._pauses = RestartBackoff()
        self._there = False
        self._said = ""

    @property
    def url(self) -> str:
        """Where the server answers, for `redis.asyncio.from_url`; the same before and after a restart."""
        return f"unix://{quote(str(self._folder.socket))}"

    async def start(self) -> None:
        """Joins the folder's server or starts it; returns when it answers with all its data loaded.

        Raises:
            ConfigurationError: the folder cannot be used, or there is no server binary.
            ServerDidNotStartError: the server ended, or did not answer in time.
        """
        try:
            await asyncio.to_thread(self._folder.prepare)
            await self._join()
            await self._bring_up()
        except BaseException:
            await self.stop()
            raise

    async def keep_running(self) -> None:
        """Brings the server back whenever it is gone, until cancelled or stopped; never raises."""
        while await self._is_missed():
            try:
                await asyncio.to_thread(self._folder.prepare)
                await self._bring_up()
            except Exception as fault:  # noqa: BLE001 - whatever it is, the next attempt may fare better
                self._say(logging.ERROR, f"the embedded store is away: {fault}")
            else:
                self._say(logging.INFO, "the embedded store is back")

    async def stop(self) -> None:
        """Leaves. The last to leave ends the server, its data on disk; without a share, nothing happens."""
        share, self._share = self._share, None
        if share is None:
            return
        with share:
            try:
                async with asyncio.timeout(self._parting_seconds):
                    await self._leave(share)
            except (TimeoutError, ConfigurationError) as fault:
                LOG.warning("the embedded store in %s is left running: %r", self._folder.path, fault)

    async def _join(self) -> None:
        # A share taken before one looks for the server keeps whoever leaves from ending it afterwards.
        async with patience(self._folder, self._startup_seconds):
            self._share = self._share or await FileLock.together(self._folder.users_lock)

    async def _bring_up(self) -> None:
        async with patience(self._folder, self._startup_seconds) as deadline:
            with await FileLock.alone(self._folder.start_lock):
                if self._share is None:
                    return
                await until_listening(self._folder, self._binary)
            # Not under the lock: a long file takes longer to load than others would wait for the lock.
            await until_ready(self._folder, deadline, self._startup_seconds)
            self._there = True

    async def _leave(self, share: FileLock) -> None:
        # Nobody looks for the server between the count of its users and its end.
        with await FileLock.alone(self._folder.start_lock):
            share.release()
            last = FileLock.try_alone(self._folder.users_lock)
            if last is not None:
                with last:
                    await self._end()

    async def _end(self) -> None:
        while lives(self._folder):
            await shut_down(self._folder.socket)
            await asyncio.sleep(TICK_SECONDS)

    async def _is_missed(self) -> bool:
        """Waits until the server is gone and it is time to bring it back; false when we left it ourselves."""
        pause_seconds = self._pauses.after(await self._time_on_the_line())
        if self._share is not None and self._there:
            self._there = False
            self._say(logging.WARNING, "the embedded store is gone; starting it again")
        await asyncio.sleep(pause_seconds)
        return self._share is not None

    async def _time_on_the_line(self) -> float:
        """Waits until the server is gone; answers for how many seconds it was there, none if not at all."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            await hold_the_line(self._folder.socket)
        except OSError:
            return 0.0
        return clock() - began

    def _say(self, level: int, words: str) -> None:
        """Logs a change of state; a state that lasts is not repeated."""
        if words != self._said:
            self._said = words
            LOG.log(level, "%s", words)
