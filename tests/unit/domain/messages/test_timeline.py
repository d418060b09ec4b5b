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


def events_of(message: Message) -> list[tuple[str, int]]:
    return [(it.event.value, (it.at - NOON) // timedelta(milliseconds=1)) for it in timeline_of(message)]


def test_the_timeline_of_a_waiting_message_begins_with_its_scheduling() -> None:
    assert timeline_of(WAITING) == (TimelineEntry(at=NOON, event=EventKind.SCHEDULED),)


def test_the_timeline_of_a_claimed_message_names_the_instance() -> None:
    assert timeline_of(claimed(WAITING, 5))[1:] == (
        TimelineEntry(at=after(5), event=EventKind.CLAIMED, facts={"instance": "a"}),
    )


def test_a_delivery_has_its_duration_its_result_and_its_lateness() -> None:
    assert timeline_of(claimed(WAITING, 5).delivered(after(12), "204"))[1:] == (
        TimelineEntry(at=after(5), event=EventKind.CLAIMED, facts={"instance": "a"}),
        TimelineEntry(
            at=after(12),
            event=EventKind.ATTEMPT,
            facts={"result": "delivered", "detail": "204", "duration_ms": 7},
        ),
        TimelineEntry(at=after(12), event=EventKind.DELIVERED, facts={"lateness_ms": 12}),
    )


def test_each_failed_attempt_has_its_reason_and_is_followed_by_a_retry_or_the_death() -> None:
    failed = claimed(WAITING, 1).retried(Failure(at=after(2), reason="503", detail="busy"), after(3))
    dead = claimed(failed, 4, "b").died(Failure(at=after(5), reason="410"))
    assert events_of(dead) == [
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


def test_a_lost_owner_is_an_attempt_and_is_followed_by_a_retry() -> None:
    lost = claimed(WAITING, 1).taken_over(after(2_001))
    assert events_of(lost) == [("scheduled", 0), ("claimed", 1), ("attempt", 2_001), ("retry", 2_001)]
    assert timeline_of(lost)[2].facts == {"result": "owner lost", "detail": "", "duration_ms": 2_000}


def test_the_changes_of_the_client_are_in_the_timeline() -> None:
    waiting = WAITING.made_due(after(-1))
    assert events_of(waiting.cancelled(after(7))) == [("scheduled", 0), ("rescheduled", -1), ("cancelled", 7)]


def test_a_replayed_death_is_in_the_timeline_before_its_replay() -> None:
    dead = claimed(WAITING, 1).died(Failure(at=after(2), reason="no"))
    assert events_of(claimed(dead.replayed(after(3)), 4).delivered(after(5))) == [
        ("scheduled", 0),
        ("claimed", 1),
        ("attempt", 2),
        ("dead", 2),
        ("replayed", 3),
        ("claimed", 4),
        ("attempt", 5),
        ("delivered", 5),
    ]


def test_an_expiry_is_in_the_timeline() -> None:
    assert events_of(claimed(WAITING, 1).expired(after(2))) == [("scheduled", 0), ("expired", 2)]
