"""The contract of an event recorder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from postdate.application.events import events as e
from postdate.domain.ids import MessageId
from postdate.domain.lease import Lease, Partition
from postdate.domain.messages.history import Claim
from postdate.domain.messages.message import Message
from postdate.domain.messages.outcome import Failure

if TYPE_CHECKING:
    from postdate.application.ports.event_recorder import EventRecorder

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PARTITION = Partition(7)
LEASE = Lease(partition=PARTITION, owner="one", token=3, ttl=timedelta(seconds=2))
SECRET = "the body of a message"  # noqa: S105 - not a password
MESSAGE = Message(
    id=MessageId("0RVtzBk4mQ20"),
    body=f'"{SECRET}"'.encode(),
    to="console",
    at=NOW,
    due_at=NOW,
    created_at=NOW,
    attempts=1,
).claimed(Claim(at=NOW, instance="one"))
RETRIED = MESSAGE.retried(Failure(at=NOW, reason="refused"), NOW)
DEAD = MESSAGE.died(Failure(at=NOW, reason="for good"))
EXPIRED = MESSAGE.expired(NOW)
EVENTS: list[e.Event] = [
    e.MessagesScheduled((MESSAGE,)),
    e.MessageCancelled(MESSAGE),
    e.MessageRescheduled(MESSAGE),
    e.MessageReplayed(MESSAGE),
    e.MessagesClaimed(LEASE, (MESSAGE,), 0),
    e.MessagesClaimed(LEASE, (MESSAGE,), 5),
    e.MessagesDelivered(LEASE, (MESSAGE,)),
    e.MessageRetried(LEASE, RETRIED),
    e.MessageDied(LEASE, DEAD),
    e.MessageExpired(LEASE, EXPIRED),
    e.MessagesGivenBack(LEASE, (MESSAGE,)),
    e.SettlementIgnored(LEASE, frozenset({MESSAGE.id})),
    e.LeaseAcquired(LEASE),
    e.LeaseLost(LEASE),
    e.LeaseReleased(LEASE, 0),
    e.LeaseReleased(LEASE, 5),
    e.StoreDisconnected(PARTITION, "connection refused"),
    e.StoreReconnected(PARTITION, NOW),
    e.UnexpectedErrorCaught(PARTITION, ValueError("unexpected")),
]


class EventRecorderContract:
    """Needs a fixture `recorder: EventRecorder`."""

    @pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
    def test_a_recorder_accepts_every_kind_of_event(self, recorder: EventRecorder, event: e.Event) -> None:
        recorder.record(event)

    def test_there_is_an_example_of_every_event(self) -> None:
        assert {type(event) for event in EVENTS} == set(get_args(e.Event))
