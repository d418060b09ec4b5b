"""HTTPS: which certificates are trusted, and for which name."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from postdate.domain.messages.outcome import Delivered, Failed
from tests.integration.webhook.conftest import channel_with, message_to
from tests.integration.webhook.receiver import receiving
from tests.integration.webhook.test_channel import deliver_one

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "shop.example"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


async def to_loopback(_: str) -> Sequence[str]:
    return ["127.0.0.1"]


def server_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(context)
    return context


async def test_a_certificate_is_trusted_for_its_own_name_only(authority: trustme.CA) -> None:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    names: list[str | None] = []
    tls = server_side(authority)
    tls.sni_callback = lambda _, name, __: names.append(name)
    async with receiving(tls) as receiver, channel_with(resolve_name=to_loopback, trust=trust) as channel:
        to = f"https://{NAME}:{receiver.port}/"
        assert isinstance(await deliver_one(channel, message_to(to)), Delivered)
        assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"
        other = await deliver_one(channel, message_to(to.replace(NAME, "other.example")))
    assert names == [NAME, "other.example"]
    assert isinstance(other, Failed)
    assert "certificate" in other.reason.lower()


async def test_a_certificate_that_the_system_does_not_trust_is_refused(authority: trustme.CA) -> None:
    async with receiving(server_side(authority)) as receiver, channel_with(resolve_name=to_loopback) as channel:
        outcome = await deliver_one(channel, message_to(f"https://{NAME}:{receiver.port}/"))
    assert isinstance(outcome, Failed)
    assert "certificate" in outcome.reason.lower()
    assert receiver.received == []
