from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.channels.webhook import AddressPolicy, Connections, WebhookChannel
from postdate.adapters.channels.webhook.dns import SystemResolver
from postdate.adapters.system.clock import SystemClock
from postdate.testing.contracts.delivery_channel import MESSAGE
from tests.integration.webhook.receiver import receiving

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Sequence

    from postdate.adapters.channels.webhook.dns import LookUp
    from postdate.domain.messages.message import Message
    from tests.integration.webhook.receiver import Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - made up
LOOPBACK = (ip_network("127.0.0.0/8"),)


class WallClock(SystemClock):
    """This machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@asynccontextmanager
async def channel_with(  # noqa: PLR0913 - each test names what it is about
    *,
    secrets: Sequence[str] = (SECRET,),
    opened: bool = True,
    look_up: LookUp | None = None,
    trust: ssl.SSLContext | None = None,
    concurrency: int = 64,
    timeout_ms: int = 10_000,
) -> AsyncIterator[WebhookChannel]:
    """A channel that may reach loopback, unless told otherwise."""

    async def known() -> Sequence[str]:
        return secrets

    policy = AddressPolicy(LOOPBACK if opened else ())
    connections = Connections(policy=policy, look_up=look_up or SystemResolver(), trust=trust)
    channel = WebhookChannel(connections, known, WallClock(), concurrency, timedelta(milliseconds=timeout_ms))
    try:
        yield channel
    finally:
        await channel.aclose()


def message_to(to: str, **changes: object) -> Message:
    return replace(MESSAGE, to=to, **changes)  # type: ignore[arg-type]  # names are those of a message


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def channel() -> AsyncIterator[WebhookChannel]:
    async with channel_with() as channel:
        yield channel
