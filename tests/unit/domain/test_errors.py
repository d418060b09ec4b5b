from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from postdate.domain.errors import (
    ConfigurationError,
    ForecastTooFineError,
    IllegalTransitionError,
    InvalidCronError,
    InvalidDurationError,
    InvalidTimeError,
    KeyReusedError,
    LeaseLostError,
    MessageForgottenError,
    MessageNotFoundError,
    NoOccurrenceError,
    NotDurableError,
    PostdateError,
    ScheduleEndedError,
    ScheduleNotFoundError,
    StoreFullError,
    StoreUnavailableError,
    TooManyWatchersError,
    UnknownChannelError,
)
from postdate.domain.messages.expiry import ExpiresTooEarlyError

SENTENCES: list[tuple[PostdateError, str]] = [
    (ConfigurationError("POSTDATE_DATA_DIR", "is a file"), "POSTDATE_DATA_DIR is a file"),
    (InvalidTimeError(-1, "is negative"), "-1 is negative"),
    (InvalidDurationError("1y"), "'1y' is not a duration such as 500ms, 15m, 1h30m, 2d or PT1.5S"),
    (
        ExpiresTooEarlyError(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        "the message would expire at 2026-01-01T00:00:00.000Z, before its time, 2026-01-02T00:00:00.000Z",
    ),
    (
        IllegalTransitionError("m", "delivered", "cancelled"),
        "message m is delivered and cannot become cancelled",
    ),
    (MessageNotFoundError("m"), "no message has the id 'm'"),
    (KeyReusedError("k", "m"), "the key 'k' belongs to another request, whose message is m"),
    (MessageForgottenError("m"), "message m of this key was accepted, has ended and is no longer stored"),
    (
        UnknownChannelError("fax:1", ("console", "http")),
        "'fax:1' names no known channel; the known channels are console, http",
    ),
    (InvalidCronError("* * 30 2 *", "never occurs"), "'* * 30 2 *' never occurs"),
    (NoOccurrenceError("@daily"), "'@daily' has no occurrence between its start, or now, and its end"),
    (ScheduleEndedError("s"), "schedule s has ended"),
    (ScheduleNotFoundError("s"), "no schedule has the id 's'"),
    (
        ForecastTooFineError(timedelta(seconds=1), timedelta(days=1), 5_000),
        (
            "a forecast has 1 to 5,000 steps, but steps of 0:00:01 up to 1 day, 0:00:00 from now "
            "are none or too many"
        ),
    ),
    (TooManyWatchersError(100), "100 clients listen to the events of this instance already"),
    (StoreUnavailableError("refused"), "the store is unavailable: refused"),
    (
        NotDurableError("0 of 1 replicas"),
        (
            "the change is in the store, but not as durably as required: 0 of 1 replicas; it takes effect unless "
            "the store fails, so a message that is sent again may be delivered twice"
        ),
    ),
    (StoreFullError("OOM"), "the store has no room for a new message: OOM"),
    (LeaseLostError("a-1", 7), "the lease of a-1 with fencing token 7 ran out"),
]


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=[type(error).__name__ for error, _ in SENTENCES])
def test_an_error_builds_its_own_sentence(error: PostdateError, sentence: str) -> None:
    assert str(error) == sentence


@pytest.mark.parametrize(
    "error",
    [
        InvalidTimeError("x" * 10_000, "is long"),
        InvalidDurationError("x" * 10_000),
        MessageNotFoundError("x" * 10_000),
        UnknownChannelError("x" * 10_000, ()),
    ],
    ids=lambda error: type(error).__name__,
)
def test_text_from_a_client_is_shortened_in_the_sentence(error: PostdateError) -> None:
    assert len(str(error)) < 250


def test_an_error_carries_its_facts() -> None:
    illegal = IllegalTransitionError("m", "delivered", "cancelled")
    assert (illegal.message_id, illegal.status, illegal.wanted) == ("m", "delivered", "cancelled")
    lost = LeaseLostError("a-1", 7)
    assert (lost.owner, lost.token) == ("a-1", 7)
    unknown = UnknownChannelError("fax", ("console",))
    assert (unknown.to, unknown.known) == ("fax", ("console",))
    assert StoreUnavailableError("refused").reason == StoreFullError("refused").reason == "refused"
    assert MessageNotFoundError("m").message_id == "m"
    assert ConfigurationError("A", "b").setting == "A"
