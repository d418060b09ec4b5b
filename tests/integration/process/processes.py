"""Postdate as its users run it: processes, of which a test sees the lines, the answers and the exit code."""

# What happens in another process sets no event here, so its HTTP answers are asked for again and again.
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

PATIENCE_SECONDS = 20.0
"""How long a test waits for what must come, on a machine that is busy."""
SECONDS_BETWEEN_LOOKS = 0.01

SERVE = (sys.executable, "-m", "postdate.entrypoints.cli", "serve")
DELIVER_DUE = (sys.executable, "-m", "postdate.entrypoints.deliver_due")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that was printed, and when it could be read."""

    text: str
    read_at: float

    @property
    def content(self) -> Any:  # noqa: ANN401  # any JSON
        return json.loads(self.text)

    def lateness(self, at: float) -> float:
        return self.read_at - at


@dataclass(slots=True, kw_only=True)
class Running:
    """A process, and what it has said so far. One that is run again begins anew."""

    process: Process
    printed: list[Line] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _readers: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> list[dict[str, Any]]:
        """What it has logged: a JSON object a line, or this fails."""
        return [json.loads(line) for line in self.logged]

    def read(self) -> None:
        for stream, take in ((self.process.stdout, self._take_printed), (self.process.stderr, self.logged.append)):
            if stream is not None:
                self._readers.append(asyncio.create_task(self._read(stream, take)))

    async def lines(self, count: int) -> Sequence[Line]:
        """Returns the first so many lines, once they are there."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            await self._news.wait_for(lambda: len(self.printed) >= count)
        return self.printed[:count]

    async def says(self, words: str) -> None:
        """Returns once that was logged."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            await self._news.wait_for(lambda: any(words in line for line in self.logged))

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ends(self, within: float = PATIENCE_SECONDS) -> int:
        """Returns its exit code, once it has ended and all that it said was read."""
        async with asyncio.timeout(within):
            code = await self.process.wait()
            await asyncio.gather(*self._readers)
        return code

    async def end(self) -> None:
        """Ends it and everything that it started, in whatever state the test left it."""
        for pid in (*children_of(self.pid), self.pid):
            if self.process.returncode is None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        await self.process.wait()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self.process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001  # else it warns when collected

    async def _read(self, stream: StreamReader, take: Callable[[str], None]) -> None:
        while line := await stream.readline():
            async with self._news:
                take(line.decode().removesuffix("\n"))
                self._news.notify_all()

    def _take_printed(self, text: str) -> None:
        self.printed.append(Line(text=text, read_at=time.time()))


@asynccontextmanager
async def running(
    *command: str, stdout: int = PIPE, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> AsyncIterator[Running]:
    """Runs a command in an environment that sets nothing of Postdate's but what is given."""
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
        """Returns the status of an answer; `None` if there is none."""
        try:
            return (await self.client.get(path)).status_code
        except httpx.TransportError:
            return None

    async def is_ready(self) -> bool:
        return await self.status("/health/ready") == HTTPStatus.OK


@asynccontextmanager
async def api(port: int, host: str = "127.0.0.1") -> AsyncIterator[Api]:
    """Connects to the API at a port, once it is ready."""
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=PATIENCE_SECONDS) as client:
        service = Api(client=client)
        await until(service.is_ready)
        yield service


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Returns once the condition holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def in_ms(seconds_from_now: float) -> int:
    """Returns a time as the API takes it."""
    return int((time.time() + seconds_from_now) * 1000)


def children_of(pid: int) -> list[int]:
    """Returns the processes that a process has started and not yet collected."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    except OSError:
        return []


# ------------------------------------------------------------------ the embedded store


@contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for an embedded store, its name short enough for a socket's path; ends the server left in it."""
    root = Path(tempfile.mkdtemp(prefix="pd"))
    try:
        yield root / "data"
    finally:
        kill_server(root / "data")
        shutil.rmtree(root)


def kill_server(folder: Path) -> None:
    """Ends the server of a data folder as a crash would; nothing if there is none."""
    pid = server_pid(folder)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


def server_pid(folder: Path) -> int | None:
    with Redis(unix_socket_path=str(folder / "valkey.sock"), retry=Retry(NoBackoff(), 0)) as client:
        try:
            return int(client.info("server")["process_id"])
        except RedisError:
            return None
