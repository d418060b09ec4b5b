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

    from postdate.adapters.channels.webhook.dns import ResolveName
    from postdate.domain.messages.message import Message
    from tests.integration.webhook.receiver import Receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - made up
LOOPBACK = (ip_network("127.0.0.0/8"),)


class WallClock(SystemClock):
    """The clock of this machine, which the signature library compares with."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@asynccontextmanager
async def channel_with(  # noqa: PLR0913 - each test names only the arguments that it varies
    *,
    secrets: Sequence[str] = (SECRET,),
    loopback_allowed: bool = True,
    resolve_name: ResolveName | None = None,
    trust: ssl.SSLContext | None = None,
    concurrency: int = 64,
    timeout_ms: int = 10_000,
) -> AsyncIterator[WebhookChannel]:
    """Yields a channel that may connect to loopback addresses, unless they are not allowed."""

    async def given_secrets() -> Sequence[str]:
        return secrets

    policy = AddressPolicy(LOOPBACK if loopback_allowed else ())
    connections = Connections(policy=policy, resolve_name=resolve_name or SystemResolver(), trust=trust)
    channel = WebhookChannel(
        connections, given_secrets, WallClock(), concurrency, timedelta(milliseconds=timeout_ms)
    )
    try:
        yield channel
    finally:
        await channel.aclose()


def message_to(to: str, **changes: object) -> Message:
    return replace(MESSAGE, to=to, **changes)  # type: ignore[arg-type]  # the names are fields of a message


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def channel() -> AsyncIterator[WebhookChannel]:
    async with channel_with() as channel:
        yield channel
