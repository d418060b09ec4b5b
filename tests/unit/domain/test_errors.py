from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postdate.domain.errors import (
    ConfigurationError,
    ExpiresTooEarlyError,
    IllegalTransitionError,
    InvalidDurationError,
    InvalidTimeError,
    LeaseLostError,
    MessageNotFoundError,
    NotDurableError,
    PostdateError,
    StoreFullError,
    StoreUnavailableError,
    UnknownChannelError,
)

SENTENCES: list[tuple[PostdateError, str]] = [
    (ConfigurationError("POSTDATE_DATA_DIR", "is a file"), "POSTDATE_DATA_DIR is a file"),
    (InvalidTimeError(-1, "is negative"), "-1 is negative"),
    (InvalidDurationError("1y"), "'1y' is not a duration such as 500ms, 15m, 1h30m, 2d or PT1.5S"),
    (
        ExpiresTooEarlyError(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        "it would expire at 2026-01-01T00:00:00.000Z, before its time, 2026-01-02T00:00:00.000Z",
    ),
    (
        IllegalTransitionError("m", "delivered", "cancelled"),
        "message m is delivered and cannot become cancelled",
    ),
    (MessageNotFoundError("m"), "no message has the id 'm'"),
    (
        UnknownChannelError("fax:1", ("console", "http")),
        "'fax:1' names no known channel; known are: console, http",
    ),
    (StoreUnavailableError("refused"), "the store is unavailable: refused"),
    (
        NotDurableError("0 of 1 replicas"),
        (
            "it is in the store, but not as durably as wanted: 0 of 1 replicas; it takes effect unless the store "
            "fails, so a message that is sent again may be delivered twice"
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
def test_what_a_stranger_wrote_is_shortened(error: PostdateError) -> None:
    assert len(str(error)) < 250


def test_an_error_carries_the_facts() -> None:
    illegal = IllegalTransitionError("m", "delivered", "cancelled")
    assert (illegal.message_id, illegal.status, illegal.wanted) == ("m", "delivered", "cancelled")
    lost = LeaseLostError("a-1", 7)
    assert (lost.owner, lost.token) == ("a-1", 7)
    unknown = UnknownChannelError("fax", ("console",))
    assert (unknown.to, unknown.known) == ("fax", ("console",))
    assert StoreUnavailableError("refused").reason == StoreFullError("refused").reason == "refused"
    assert MessageNotFoundError("m").message_id == "m"
    assert ConfigurationError("A", "b").setting == "A"
