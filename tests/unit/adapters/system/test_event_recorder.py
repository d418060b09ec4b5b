from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.system.event_recorder import LoggingEventRecorder
from postdate.application.events import events as e
from tests.contracts.event_recorder import (
    DEAD,
    EVENTS,
    EXPIRED,
    LEASE,
    MESSAGE,
    NOW,
    PARTITION,
    RETRIED,
    SECRET,
    EventRecorderContract,
)

if TYPE_CHECKING:
    from postdate.application.events.events import Event


@pytest.fixture
def recorder() -> LoggingEventRecorder:
    return LoggingEventRecorder()


class TestLoggingEventRecorder(EventRecorderContract):
    pass


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_no_event_shows_a_body(
    recorder: LoggingEventRecorder, event: Event, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        recorder.record(event)
    for record in caplog.records:
        assert SECRET not in f"{record.getMessage()} {record.__dict__}"


@pytest.mark.parametrize(
    ("event", "level", "facts"),
    [
        (e.MessagesClaimed(LEASE, (), 5), logging.WARNING, {"partition": 7, "claims": 5}),
        (
            e.MessageRetried(LEASE, RETRIED),
            logging.WARNING,
            {"id": MESSAGE.id, "attempts": 2, "reason": "refused"},
        ),
        (e.MessageDied(LEASE, DEAD), logging.ERROR, {"id": MESSAGE.id, "attempts": 2, "reason": "for good"}),
        (e.MessageExpired(LEASE, EXPIRED), logging.WARNING, {"id": MESSAGE.id, "attempts": 1}),
        (e.SettlementIgnored(LEASE, frozenset({MESSAGE.id})), logging.WARNING, {"ids": [MESSAGE.id], "count": 1}),
        (e.LeaseLost(LEASE), logging.WARNING, {"partition": 7, "token": 3}),
        (e.LeaseReleased(LEASE, 5), logging.INFO, {"claims": 5}),
        (e.StoreDisconnected(PARTITION, "refused"), logging.ERROR, {"partition": 7, "reason": "refused"}),
        (e.StoreReconnected(PARTITION, NOW), logging.INFO, {"partition": 7, "away_since": NOW.isoformat()}),
        (e.UnexpectedErrorCaught(PARTITION, ValueError("bug")), logging.ERROR, {}),
    ],
    ids=lambda it: type(it).__name__,
)
def test_an_event_that_operators_may_need_is_logged_with_its_facts(
    recorder: LoggingEventRecorder,
    event: Event,
    level: int,
    facts: dict[str, object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, "postdate"):
        recorder.record(event)
    (record,) = caplog.records
    assert record.levelno == level
    assert facts.items() <= record.__dict__.items()


def test_an_unexpected_error_is_logged_with_its_traceback(
    recorder: LoggingEventRecorder, caplog: pytest.LogCaptureFixture
) -> None:
    recorder.record(e.UnexpectedErrorCaught(PARTITION, ValueError("a bug")))
    assert "ValueError: a bug" in caplog.text


@pytest.mark.parametrize(
    "event",
    [
        e.MessagesScheduled((MESSAGE,)),
        e.MessagesClaimed(LEASE, (MESSAGE,), 0),
        e.MessagesDelivered(LEASE, (MESSAGE,)),
        e.LeaseAcquired(LEASE),
        e.LeaseReleased(LEASE, 0),
    ],
    ids=lambda event: type(event).__name__,
)
def test_routine_events_are_not_logged(
    recorder: LoggingEventRecorder, event: Event, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        recorder.record(event)
    assert caplog.records == []


def test_at_most_a_hundred_ids_of_ignored_settlements_are_logged(
    recorder: LoggingEventRecorder, caplog: pytest.LogCaptureFixture
) -> None:
    ids = frozenset(type(MESSAGE.id)(f"{n:012}") for n in range(1_000))
    recorder.record(e.SettlementIgnored(LEASE, ids))
    (record,) = caplog.records
    assert record.__dict__["count"] == 1_000
    assert record.__dict__["ids"] == sorted(ids)[:100]
