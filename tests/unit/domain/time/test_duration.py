from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.domain.errors import InvalidDurationError
from postdate.domain.time.duration import format_duration, parse_duration

ACCEPTED = [
    ("PT0S", timedelta(0)),
    ("PT1.5S", timedelta(seconds=1.5)),
    ("PT0.001S", timedelta(milliseconds=1)),
    ("PT15M", timedelta(minutes=15)),
    ("PT36H", timedelta(hours=36)),
    ("P1D", timedelta(days=1)),
    ("P2W", timedelta(weeks=2)),
    ("P0.5D", timedelta(hours=12)),
    ("P1DT2H", timedelta(days=1, hours=2)),
    ("P1W2DT3H4M5.006S", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5, milliseconds=6)),
    ("0s", timedelta(0)),
    ("500ms", timedelta(milliseconds=500)),
    ("0.5ms", timedelta(microseconds=500)),
    ("1.5s", timedelta(seconds=1.5)),
    ("15m", timedelta(minutes=15)),
    ("1h30m", timedelta(hours=1, minutes=30)),
    ("2d", timedelta(days=2)),
    ("2w", timedelta(weeks=2)),
    ("1w2d3h4m5s6ms", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5, milliseconds=6)),
    ("86399999.999999s", timedelta(days=1000) - timedelta(microseconds=1)),
    ("0.0000019s", timedelta(microseconds=1)),
    ("999999999d", timedelta(days=999_999_999)),
]

REFUSED = [
    "",
    " ",
    "P",
    "PT",
    "P1DT",
    "P1Y",
    "P1M",
    "P1Y2M",
    "P1S",
    "PT1D",
    "pt1s",
    "-PT1S",
    "PT-1S",
    "+1s",
    "-1s",
    "15",
    "1.5",
    "15 m",
    "1h 30m",
    "30m1h",
    "1h1h",
    "1H",
    "1M",
    "1mo",
    "1y",
    "1e3s",
    "1_000s",
    "1,500ms",
    "PT1,5S",
    ".5s",
    "1.s",
    "1s\n",
    "\u0661s",
    "1000000000d",
    "P1000000000D",
    "9" * 90 + "w",
    "1" * 1_000_000 + "s",
]


@pytest.mark.parametrize(("text", "expected"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_a_duration_is_parsed(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", REFUSED, ids=[f"{text!r:.40}" for text in REFUSED])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidDurationError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(milliseconds=1), "PT0.001S"),
        (timedelta(seconds=1.5), "PT1.5S"),
        (timedelta(seconds=10), "PT10S"),
        (timedelta(minutes=15), "PT15M"),
        (timedelta(hours=36), "P1DT12H"),
        (timedelta(weeks=2), "P14D"),
        (timedelta(days=1, seconds=5), "P1DT5S"),
    ],
)
def test_a_duration_is_formatted_in_iso_8601(duration: timedelta, expected: str) -> None:
    assert format_duration(duration) == expected


def test_a_negative_duration_is_not_formatted() -> None:
    with pytest.raises(InvalidDurationError):
        format_duration(timedelta(microseconds=-1))


@given(duration=st.timedeltas(min_value=timedelta(0)))
def test_every_formatted_duration_is_parsed_as_the_same(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


@given(text=st.text() | st.text("0123456789.PTWDHMSwdhms"))
def test_arbitrary_text_is_parsed_or_refused(text: str) -> None:
    try:
        duration = parse_duration(text)
    except InvalidDurationError:
        return
    assert duration >= timedelta(0)
