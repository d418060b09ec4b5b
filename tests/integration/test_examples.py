"""The example receivers, started by their own commands and sent signed requests."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.integration.process.processes import free_port, running, until
from tests.unit.receiver.signed import BODY, OTHER, SECRET, signed

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMANDS = {
    "litestar": ("-m", "granian", "--interface", "asgi", str(EXAMPLES / "litestar_app.py") + ":app", "--port"),
    "starlette": ("-m", "granian", "--interface", "asgi", str(EXAMPLES / "starlette_app.py") + ":app", "--port"),
    "wsgi": (str(EXAMPLES / "wsgi_app.py"),),
}


@pytest.mark.parametrize("example", COMMANDS)
async def test_an_example_handles_a_genuine_message_once(example: str) -> None:
    port = free_port()
    environment = {"POSTDATE_WEBHOOK_SECRET": f"{OTHER},{SECRET}"}
    async with (
        running(sys.executable, *COMMANDS[example], str(port), env=environment) as app,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):

        async def post(headers: dict[str, str]) -> int:
            return (await client.post("/hook", content=BODY, headers=headers)).status_code

        async def answers() -> bool:
            try:
                return await post({}) == 400
            except httpx.TransportError:
                return False

        await until(answers)
        assert await post(signed() | {"Webhook-Id": "another"}) == 401
        assert [await post(signed()) for _ in range(2)] == [202, 204]
        app.send(signal.SIGTERM)
        await app.ends()
    assert [line.text for line in app.printed if "msg_1" in line.text] == ["msg_1 {'cart': 42}"]
