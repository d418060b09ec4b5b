from __future__ import annotations

from datetime import UTC, datetime, timedelta

from postdate.domain.ids import MessageId
from postdate.domain.messages.history import Claim
from postdate.domain.messages.message import Message
from postdate.domain.messages.outcome import Failure
from postdate.domain.messages.timeline import EventKind, TimelineEntry, timeline_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WAITING = Message(id=MessageId("m"), body=b"1", to="console", at=NOON, due_at=NOON, created_at=NOON)


def after(milliseconds: int) -> datetime:
    return NOON + timedelta(milliseconds=milliseconds)


def claimed(message: Message, milliseconds: int, instance: str = "a") -> Message:
    return message.claimed(Claim(at=after(milliseconds), instance=instance))


def told(message: Message) -> list[tuple[str, int]]:
    return [(it.event.value, (it.at - NOON) // timedelta(milliseconds=1)) for it in timeline_of(message)]


def test_a_message_that_waits_was_scheduled() -> None:
    assert timeline_of(WAITING) == (TimelineEntry(at=NOON, event=EventKind.SCHEDULED),)


def test_a_message_that_is_being_delivered_tells_who_has_it() -> None:
    assert timeline_of(claimed(WAITING, 5))[1:] == (
        TimelineEntry(at=after(5), event=EventKind.CLAIMED, facts={"instance": "a"}),
    )


def test_a_delivery_tells_how_long_it_took_what_came_of_it_and_how_late_it_was() -> None:
    assert timeline_of(claimed(WAITING, 5).delivered(after(12), "204"))[1:] == (
        TimelineEntry(at=after(5), event=EventKind.CLAIMED, facts={"instance": "a"}),
        TimelineEntry(
            at=after(12),
            event=EventKind.ATTEMPT,
            facts={"result": "delivered", "detail": "204", "duration_ms": 7},
        ),
        TimelineEntry(at=after(12), event=EventKind.DELIVERED, facts={"lateness_ms": 12}),
    )


def test_each_attempt_tells_why_it_failed_and_whether_another_follows() -> None:
    failed = claimed(WAITING, 1).retried(Failure(at=after(2), reason="503", detail="busy"), after(3))
    dead = claimed(failed, 4, "b").died(Failure(at=after(5), reason="410"))
    assert told(dead) == [
        ("scheduled", 0),
        ("claimed", 1),
        ("attempt", 2),
        ("retry", 2),
        ("claimed", 4),
        ("attempt", 5),
        ("dead", 5),
    ]
    assert timeline_of(dead)[2].facts == {"result": "failed", "detail": "503\nbusy", "duration_ms": 1}
    assert timeline_of(dead)[-1].facts == {"reason": "410"}


def test_an_owner_that_was_lost_is_named() -> None:
    lost = claimed(WAITING, 1).taken_over(after(2_001))
    assert told(lost) == [("scheduled", 0), ("claimed", 1), ("attempt", 2_001), ("retry", 2_001)]
    assert timeline_of(lost)[2].facts == {"result": "owner lost", "detail": "", "duration_ms": 2_000}


def test_what_its_client_did_is_told() -> None:
    waiting = WAITING.made_due(after(-1))
    assert told(waiting.cancelled(after(7))) == [("scheduled", 0), ("rescheduled", -1), ("cancelled", 7)]


def test_a_death_that_was_replayed_is_told_with_what_followed() -> None:
    dead = claimed(WAITING, 1).died(Failure(at=after(2), reason="no"))
    assert told(claimed(dead.replayed(after(3)), 4).delivered(after(5))) == [
        ("scheduled", 0),
        ("claimed", 1),
        ("attempt", 2),
        ("dead", 2),
        ("replayed", 3),
        ("claimed", 4),
        ("attempt", 5),
        ("delivered", 5),
    ]


def test_an_expiry_is_told() -> None:
    assert told(claimed(WAITING, 1).expired(after(2))) == [("scheduled", 0), ("expired", 2)]
