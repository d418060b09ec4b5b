"""Measures how many requests per second schedule a message.

The limit is a bare echo on the same server and framework.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .figure import Figure
from .world import command, new_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

CONNECTIONS, LOAD_SECONDS, TARGET_RATIO = 128, 6, 0.85
PORT = 3199
REQUEST = """
wrk.method = "POST"
wrk.body = '{"body": "hello", "at": 4102444800000}'
wrk.headers["Content-Type"] = "application/json"
"""


class NoLoadGeneratorError(Exception):
    """The load generator `wrk` is not installed."""


async def measure(url: str) -> Sequence[Figure]:
    """Puts load on both services in turn by `wrk`.

    Raises:
        NoLoadGeneratorError: `wrk` is not on PATH. A load generator in Python would measure itself.
    """
    if shutil.which("wrk") is None:
        message = "wrk is not on PATH"
        raise NoLoadGeneratorError(message)
    async with new_world(url) as world:
        echo = await _rate([sys.executable, "-m", "bench.echo_service", str(PORT)], world.environment, "/echo")
        serve = command("serve", "--no-deliver", "--port", str(PORT))
        rate = await _rate(serve, world.environment, "/v1/messages")
    return [
        Figure(
            name=f"schedule over HTTP, one message a request, {CONNECTIONS} connections",
            value=rate,
            unit="messages/s",
            target=f"≥ {TARGET_RATIO} of the limit",
            reached=rate / echo >= TARGET_RATIO,
            compared_with="a bare Litestar echo on the same server",
            limit=echo,
        )
    ]


async def _rate(service: Sequence[str], environment: Mapping[str, str], path: str) -> float:
    async with serving(service, environment):
        return await _load(f"http://127.0.0.1:{PORT}{path}")


@asynccontextmanager
async def serving(service: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator[None]:
    """Runs a service within the context. It listens at `PORT` when the context starts."""
    process = await asyncio.create_subprocess_exec(
        *service, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        await _wait_until_listening()
        yield
    finally:
        process.terminate()
        await process.wait()


async def _wait_until_listening() -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", PORT)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def _load(url: str) -> float:
    with TemporaryDirectory() as folder:
        script = Path(folder) / "request.lua"
        script.write_text(REQUEST, encoding="utf-8")
        wrk = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{LOAD_SECONDS}", "-s", str(script), url]
        process = await asyncio.create_subprocess_exec(*wrk, stdout=subprocess.PIPE)
        output, _ = await process.communicate()
    text = output.decode()
    if "Non-2xx" in text:
        raise RuntimeError(text)
    (rate,) = re.findall(r"Requests/sec:\s+([0-9.]+)", text)
    return float(rate)
