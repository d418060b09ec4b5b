"""Runs Postdate as a user does: as processes with output lines, HTTP answers and an exit code."""

# Another process cannot set an event of this one, so these helpers poll its HTTP API.
# ruff: noqa: ASYNC110

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

if TYPE_CHECKING:
    from asyncio import StreamReader
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

MAX_WAIT_SECONDS = 20.0
"""How long a test waits for an expected result, on a busy machine."""
POLL_SECONDS = 0.01

SERVE = (sys.executable, "-m", "postdate.entrypoints.cli", "serve")
DELIVER_DUE = (sys.executable, "-m", "postdate.entrypoints.deliver_due")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A printed line and when it was read, in seconds since the epoch."""

    text: str
    read_at: float

    @property
    def content(self) -> Any:  # noqa: ANN401  # any JSON
        return json.loads(self.text)

    def lateness(self, at: float) -> float:
        return self.read_at - at


@dataclass(slots=True, kw_only=True)
class Running:
    """A process, with the lines that it has printed and logged so far."""

    process: Process
    printed: list[Line] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _readers: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> list[dict[str, Any]]:
        """The logged lines, each parsed as a JSON object. Raises if a line is not JSON."""
        return [json.loads(line) for line in self.logged]

    def read(self) -> None:
        for stream, take in ((self.process.stdout, self._take_printed), (self.process.stderr, self.logged.append)):
            if stream is not None:
                self._readers.append(asyncio.create_task(self._read(stream, take)))

    async def lines(self, count: int) -> Sequence[Line]:
        """Waits for `count` printed lines and returns them."""
        async with asyncio.timeout(MAX_WAIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: len(self.printed) >= count)
        return self.printed[:count]

    async def says(self, text: str) -> None:
        """Waits until a logged line contains a text."""
        async with asyncio.timeout(MAX_WAIT_SECONDS), self._changed:
            await self._changed.wait_for(lambda: any(text in line for line in self.logged))

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ends(self, within: float = MAX_WAIT_SECONDS) -> int:
        """Waits until the process has ended and all its output is read. Returns the exit code."""
        async with asyncio.timeout(within):
            code = await self.process.wait()
            await asyncio.gather(*self._readers)
        return code

    async def end(self) -> None:
        """Kills the process and its child processes, in whatever state the test left them."""
        for pid in (*children_of(self.pid), self.pid):
            if self.process.returncode is None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        await self.process.wait()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self.process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001  # an open transport warns when it is garbage collected

    async def _read(self, stream: StreamReader, take: Callable[[str], None]) -> None:
        while line := await stream.readline():
            async with self._changed:
                take(line.decode().removesuffix("\n"))
                self._changed.notify_all()

    def _take_printed(self, text: str) -> None:
        self.printed.append(Line(text=text, read_at=time.time()))


@asynccontextmanager
async def running(
    *command: str, stdout: int = PIPE, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> AsyncIterator[Running]:
    """Runs a command. Of the variables of Postdate its environment contains only the given ones."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=DEVNULL,
        stdout=stdout,
        stderr=PIPE,
        cwd=cwd or tempfile.gettempdir(),
        env=environment(env or {}),
        limit=1 << 20,
    )
    started = Running(process=process)
    started.read()
    try:
        yield started
    finally:
        await started.end()


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("POSTDATE_", "PYTHON"))}
    return {**inherited, **variables}


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The HTTP API of a process."""

    client: httpx.AsyncClient

    async def schedule(self, body: object, **when: object) -> dict[str, Any]:
        answer = await self.client.post("/v1/messages", json={"body": body, **when})
        assert answer.status_code == HTTPStatus.CREATED, answer.text
        message: dict[str, Any] = answer.json()
        return message

    async def find(self, message: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/messages/{message['id']}")
        assert answer.status_code == HTTPStatus.OK, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def status(self, path: str) -> int | None:
        """Returns the status of an answer; `None` if there is no answer."""
        try:
            return (await self.client.get(path)).status_code
        except httpx.TransportError:
            return None

    async def is_ready(self) -> bool:
        return await self.status("/health/ready") == HTTPStatus.OK


@asynccontextmanager
async def api(port: int, host: str = "127.0.0.1") -> AsyncIterator[Api]:
    """Waits until the API at a port is ready, and yields it."""
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=MAX_WAIT_SECONDS) as client:
        service = Api(client=client)
        await until(service.is_ready)
        yield service


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Waits until a condition holds."""
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        while not await condition():
            await asyncio.sleep(POLL_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def in_ms(seconds_from_now: float) -> int:
    """Returns a time in the future, in milliseconds since the epoch, as the API accepts it."""
    return int((time.time() + seconds_from_now) * 1000)


def children_of(pid: int) -> list[int]:
    """Returns the child processes of a process that it has not reaped yet."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []


# ------------------------------------------------------------------ the embedded store


@contextmanager
def data_folder() -> Iterator[Path]:
    """Yields a folder for an embedded store, with a short path. Kills the server of the folder at the end."""
    root = Path(tempfile.mkdtemp(prefix="pd"))
    try:
        yield root / "data"
    finally:
        kill_server(root / "data")
        shutil.rmtree(root)


def kill_server(folder: Path) -> None:
    """Kills the server of a data folder, if there is one."""
    pid = server_pid(folder)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


def server_pid(folder: Path) -> int | None:
    with Redis(unix_socket_path=str(folder / "valkey.sock"), retry=Retry(NoBackoff(), 0)) as client:
        try:
            return int(client.info("server")["process_id"])
        except RedisError:
            return None
