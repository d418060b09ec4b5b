from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postdate.domain.errors import InvalidTimeError
from postdate.domain.time.javascript import parse_javascript_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

NEW_YORK = ZoneInfo("America/New_York")
KYIV = ZoneInfo("Europe/Kyiv")

# Each `ms` is the result of V8 with TZ=UTC. Null means that the input must be refused.
SHARED_CASES: list[dict[str, object]] = json.loads(
    Path(__file__).with_name("js_date_cases.json").read_text("utf-8")
)

# In these tables each expected value is `new Date(text).toISOString()` of node 20 in that zone.
V8_IN_UTC = [
    ("2036", "2036-01-01T00:00:00.000Z"),
    ("2036-04", "2036-04-01T00:00:00.000Z"),
    ("2036-04-23", "2036-04-23T00:00:00.000Z"),
    ("+002036", "2036-01-01T00:00:00.000Z"),
    ("2036T13:22", "2036-01-01T13:22:00.000Z"),
    ("2036-04T13:22:08Z", "2036-04-01T13:22:08.000Z"),
    ("2036-04-23t13:22z", "2036-04-23T13:22:00.000Z"),
    ("2036-04-23T13:22:08.1", "2036-04-23T13:22:08.100Z"),
    ("2036-04-23T13:22:08.1239Z", "2036-04-23T13:22:08.123Z"),
    ("2036-04-23T13:22:08.123456789012Z", "2036-04-23T13:22:08.123Z"),
    ("2036-04-23T24:00", "2036-04-24T00:00:00.000Z"),
    ("2036-04-23T24:00:00.000+02:00", "2036-04-23T22:00:00.000Z"),
    ("2036-12-31T24:00:00Z", "2037-01-01T00:00:00.000Z"),
    ("2036-04-23T13:22:08-00:00", "2036-04-23T13:22:08.000Z"),
    ("2036-04-23T13:22:08+23:59", "2036-04-22T13:23:08.000Z"),
    ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
    ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ("2036-02-29T00:00:00Z", "2036-02-29T00:00:00.000Z"),
    ("2036-04-23 24:00:00", "2036-04-24T00:00:00.000Z"),
    ("2036-04-23 13:22:08.123456+00:00", "2036-04-23T13:22:08.123Z"),
    ("2036-04-23 13:22:08.123456+00", "2036-04-23T13:22:08.123Z"),
    ("2036-04-23 13:22:08 +0300", "2036-04-23T10:22:08.000Z"),
    ("2036-04-23 13:22:08 +0000 UTC", "2036-04-23T13:22:08.000Z"),
    ("2036-04-23 13:22:08 UTC", "2036-04-23T13:22:08.000Z"),
    ("2036-04-23 1:22 PM", "2036-04-23T13:22:00.000Z"),
    ("2036-04-23  13:22", "2036-04-23T13:22:00.000Z"),
    ("2036-04-23 UTC", "2036-04-23T00:00:00.000Z"),
    ("2036-4-3", "2036-04-03T00:00:00.000Z"),
    ("2036-4-3 9:5:7", "2036-04-03T09:05:07.000Z"),
    ("2036-04-23\n", "2036-04-23T00:00:00.000Z"),
    ("4/23/2036", "2036-04-23T00:00:00.000Z"),
    ("04/23/2036 13:22:08.250", "2036-04-23T13:22:08.250Z"),
    ("4/23/2036, 1:22:08\u202fPM", "2036-04-23T13:22:08.000Z"),
    ("4/23/2036 12:00 AM", "2036-04-23T00:00:00.000Z"),
    ("4/23/2036 12:00:00 pm", "2036-04-23T12:00:00.000Z"),
    ("4/23/2036 1:22:08 PM +02:00", "2036-04-23T11:22:08.000Z"),
    ("4/23/2036, 1:22:08 PM GMT+5:30", "2036-04-23T07:52:08.000Z"),
    ("4/23/2036, 1:22:08 PM PDT", "2036-04-23T20:22:08.000Z"),
    ("4/23/2036, 13:22:08", "2036-04-23T13:22:08.000Z"),
    ("2036/04/23", "2036-04-23T00:00:00.000Z"),
    ("2036/4/23 13:22:08 GMT", "2036-04-23T13:22:08.000Z"),
    ("2036/04/23 UTC", "2036-04-23T00:00:00.000Z"),
    ("Wed, 23 Apr 2036 13:22:08 GMT", "2036-04-23T13:22:08.000Z"),
    ("Wed, 23 Apr 2036 13:22:08 +0200 (CEST)", "2036-04-23T11:22:08.000Z"),
    ("23 Apr 2036 13:22 UT", "2036-04-23T13:22:00.000Z"),
    ("23 April, 2036", "2036-04-23T00:00:00.000Z"),
    ("wed, 23 apr 2036 13:22:08 gmt", "2036-04-23T13:22:08.000Z"),
    ("Wednesday, 23-Apr-2036 13:22:08 UTC", "2036-04-23T13:22:08.000Z"),
    ("23 Sept. 2036 13:22 EST", "2036-09-23T18:22:00.000Z"),
    ("Fri, 23 Apr 2036 13:22:08 GMT", "2036-04-23T13:22:08.000Z"),
    ("Wed Apr 23 2036", "2036-04-23T00:00:00.000Z"),
    ("Wed Apr 23 2036 13:22:08 GMT+0300", "2036-04-23T10:22:08.000Z"),
    ("Wed Apr 23 2036 13:22:08 GMT+0300 (за східноєвропейським літнім часом)", "2036-04-23T10:22:08.000Z"),
    ("Wednesday, April 23, 2036", "2036-04-23T00:00:00.000Z"),
    ("April 23, 2036 UTC", "2036-04-23T00:00:00.000Z"),
    ("Apr 23, 2036, 1:22:08 PM", "2036-04-23T13:22:08.000Z"),
    ("Apr 23, 2036, 1:22:08 PM GMT+2", "2036-04-23T11:22:08.000Z"),
    ("Apr. 23, 2036 13:22Z", "2036-04-23T13:22:00.000Z"),
    ("May 1, 2036 13:22:08 CDT", "2036-05-01T18:22:08.000Z"),
    ("Wed Apr 23 13:22:08 2036", "2036-04-23T13:22:08.000Z"),
    ("Thu Apr  3 13:22:08 2036", "2036-04-03T13:22:08.000Z"),
    ("Wed Apr 23 13:22:08 UTC 2036", "2036-04-23T13:22:08.000Z"),
    ("Wed Apr 23 01:22:08 PM EDT 2036", "2036-04-23T17:22:08.000Z"),
    ("Wed Apr 23 13:22:08 +0000 2036", "2036-04-23T13:22:08.000Z"),
    ("Wed Apr 23 13:22:08 2036 +0300", "2036-04-23T10:22:08.000Z"),
]
V8_IN_NEW_YORK = [
    ("2036-06-01", "2036-06-01T00:00:00.000Z"),
    ("2036-06-01 ", "2036-06-01T04:00:00.000Z"),
    ("2036-6-1", "2036-06-01T04:00:00.000Z"),
    ("2036-06-01T12:00", "2036-06-01T16:00:00.000Z"),
    ("2036-06-01T12:00Z", "2036-06-01T12:00:00.000Z"),
    ("6/1/2036", "2036-06-01T04:00:00.000Z"),
    ("June 1, 2036 12:00", "2036-06-01T16:00:00.000Z"),
    ("Sun Jun 01 2036", "2036-06-01T04:00:00.000Z"),
    ("2036-12-01T24:00", "2036-12-02T05:00:00.000Z"),
    ("2036-03-09T01:59:59.999", "2036-03-09T06:59:59.999Z"),
    ("2036-03-09T02:00:00", "2036-03-09T07:00:00.000Z"),
    ("2036-03-09T02:30", "2036-03-09T07:30:00.000Z"),
    ("2036-03-09T03:00", "2036-03-09T07:00:00.000Z"),
    ("2036-11-02T00:59:59", "2036-11-02T04:59:59.000Z"),
    ("2036-11-02T01:00", "2036-11-02T05:00:00.000Z"),
    ("2036-11-02T01:30", "2036-11-02T05:30:00.000Z"),
    ("2036-11-02T02:00", "2036-11-02T07:00:00.000Z"),
    ("3/9/2036, 2:30:00 AM", "2036-03-09T07:30:00.000Z"),
    ("Nov 2, 2036 1:30 AM", "2036-11-02T05:30:00.000Z"),
    ("Nov 2, 2036 1:30 AM EST", "2036-11-02T06:30:00.000Z"),
]
V8_IN_KYIV = [
    ("2036-06-01", "2036-06-01T00:00:00.000Z"),
    ("2036-06-01 ", "2036-05-31T21:00:00.000Z"),
    ("2036-6-1", "2036-05-31T21:00:00.000Z"),
    ("2036-06-01T12:00", "2036-06-01T09:00:00.000Z"),
    ("2036-06-01T12:00Z", "2036-06-01T12:00:00.000Z"),
    ("6/1/2036", "2036-05-31T21:00:00.000Z"),
    ("June 1, 2036 12:00", "2036-06-01T09:00:00.000Z"),
    ("Sun Jun 01 2036", "2036-05-31T21:00:00.000Z"),
    ("2036-12-01T24:00", "2036-12-01T22:00:00.000Z"),
    ("2036-03-30T02:59", "2036-03-30T00:59:00.000Z"),
    ("2036-03-30T03:00", "2036-03-30T01:00:00.000Z"),
    ("2036-03-30T03:30", "2036-03-30T01:30:00.000Z"),
    ("2036-03-30T04:00", "2036-03-30T01:00:00.000Z"),
    ("2036-10-26T02:59", "2036-10-25T23:59:00.000Z"),
    ("2036-10-26T03:30", "2036-10-26T00:30:00.000Z"),
    ("2036-10-26T04:00", "2036-10-26T02:00:00.000Z"),
    ("2036/10/26 3:30", "2036-10-26T00:30:00.000Z"),
]
ACCEPTED = [
    *((UTC, text, expected) for text, expected in V8_IN_UTC),
    *((NEW_YORK, text, expected) for text, expected in V8_IN_NEW_YORK),
    *((KYIV, text, expected) for text, expected in V8_IN_KYIV),
]

REFUSED: list[tuple[object, str]] = [
    (None, "neither text nor a number"),
    (True, "neither text nor a number"),
    (False, "neither text nor a number"),
    ([2_092_569_728_000], "neither text nor a number"),
    ({"time": 2_092_569_728_000}, "neither text nor a number"),
    (float("nan"), "not a finite number"),
    (float("inf"), "not a finite number"),
    (-1, "negative"),
    (-2_092_569_728_000.5, "negative"),
    (0, "seconds"),
    (2_092_569_728, "seconds"),
    (2_092_569_728.25, "seconds"),
    (10**11 - 1, "seconds"),
    ("2092569728", "seconds"),
    ("20360423", "seconds"),
    (253_402_300_800_000, "after the year 9999"),
    (1e300, "after the year 9999"),
    (10**400, "after the year 9999"),
    ("2092569728000000", "after the year 9999"),
    ("203604231322", "without punctuation"),
    ("20360423132208", "without punctuation"),
    ("-2092569728000", "not in a known format"),
    ("+2092569728000", "not in a known format"),
    ("2_092_569_728_000", "not in a known format"),
    ("2.1e12", "not in a known format"),
    (" 2092569728000", "not in a known format"),
    ("", "not in a known format"),
    ("2036-02-30", "day is out of range"),
    ("2035-02-29", "day is out of range"),
    ("2036-06-31T00:00:00Z", "day is out of range"),
    ("2036-02-30 12:00", "day is out of range"),
    ("2/30/2036", "day is out of range"),
    ("31 June 2036", "day is out of range"),
    ("Mon, 31 Jun 2036 00:00:00 GMT", "day is out of range"),
    ("Feb 30 2036", "day is out of range"),
    ("23/4/2036", "month must be in"),
    ("2036-04-23T25:00Z", "hour must be in"),
    ("2036-04-23T24:00:00.001Z", "hour must be in"),
    ("2036-04-23T13:22:60Z", "second must be in"),
    ("Wed, 23 Apr 2036 13:22:60 GMT", "second must be in"),
    ("4/23/2036 13:22 PM", "hour must be in 1..12"),
    ("4/23/2036 0:22 AM", "hour must be in 1..12"),
    ("2036-04-23T13:22+24:00", "offset must be"),
    ("2036-04-23T13:22+02:60", "offset must be"),
    ("4/23/36", "year of two digits"),
    ("Wed, 23 Apr 36 13:22:08 GMT", "year of two digits"),
    ("4/23/0036", "year of two digits"),
    ("0000-01-01", "year 0"),
    ("+010000-01-01", "year 10000"),
    ("-002036-04-23", "year -2036"),
    ("0001-01-01T00:00+01:00", "outside the years"),
    ("9999-12-31T23:59:59-01:00", "outside the years"),
    ("9999-12-31T24:00Z", "outside the years"),
    ("\u0662\u0660\u0663\u0666-04-23", "digits other than"),
    ("2036-04-2\uff13", "digits other than"),
    ("\u017fep 23 2036", "not in a known format"),
    ("2036-04-23T13:22:08Z ", "not in a known format"),
    ("2036-04-23T13:22:08 +03:00", "not in a known format"),
    ("2036-04-23T13:22:08,5Z", "not in a known format"),
    ("2036-04-23T13:22:08.0000000001Z", "not in a known format"),
    ("2036-04-23T1:22Z", "not in a known format"),
    ("2036-04-23T13:22:08Z[Europe/Kyiv]", "not in a known format"),
    ("Wed, 23 Apr 2036 13:22:08 CET", "not in a known format"),
    ("2036-04-23 13:22:08 +0200 UTC", "not in a known format"),
    ("Jan 5 2036 -0500", "not in a known format"),
    ("4/23/2036, 24:00:00", "not in a known format"),
    ("23.04.2036", "not in a known format"),
    ("23-04-2036", "not in a known format"),
    ("April 2036", "not in a known format"),
    ("Smarch 13, 2036", "not in a known format"),
    ("Apr 23 2036 13:22:08 GMT+0300 (a) (b)", "not in a known format"),
    ("1" * 101, "more than 100 characters"),
    ("2036-04-23T13:22:08." + "9" * 1_000_000, "more than 100 characters"),
]

MILLISECOND_FORMS: dict[str, Callable[[datetime], str]] = {
    "ISO": lambda t: t.isoformat(),
    "ISO with a Z": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    "ISO with a space": lambda t: t.isoformat(" "),
    "US": lambda t: f"{t.month}/{t.day}/{t.year} {t.hour}:{t:%M:%S.%f}",
    "year first": lambda t: f"{t.year}/{t.month}/{t.day} {t.hour}:{t:%M:%S.%f}",
}
SECOND_FORMS: dict[str, Callable[[datetime], str]] = {
    "RFC 2822": format_datetime,
    "toUTCString": lambda t: format_datetime(t, usegmt=True),
    "toString": lambda t: t.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)"),
    "toLocaleString": lambda t: f"{t.month}/{t.day}/{t.year}, {t.hour % 12 or 12}:{t:%M:%S\u202f%p}",
    "month first": lambda t: t.strftime("%B %d, %Y %H:%M:%S"),
    "day first": lambda t: t.strftime("%d %B %Y %H:%M:%S UTC"),
    "cookie": lambda t: t.strftime("%a, %d-%b-%Y %H:%M:%S GMT"),
    "date(1)": lambda t: t.strftime("%a %b %e %H:%M:%S UTC %Y"),
    "asctime": lambda t: t.ctime(),
}
DAY_FORMS: dict[str, Callable[[datetime], str]] = {
    "ISO": lambda t: t.date().isoformat(),
    "toDateString": lambda t: t.strftime("%a %b %d %Y"),
    "US": lambda t: f"{t.month}/{t.day}/{t.year}",
    "month first": lambda t: t.strftime("%B %d, %Y"),
}

# Before the year 1000 `%Y` is not padded everywhere.
instants = st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
local_times = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([NEW_YORK, KYIV]),
)


def parse_ms(value: object) -> int | None:
    try:
        return (parse_javascript_time(value, UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    except InvalidTimeError:
        return None


@pytest.mark.parametrize("case", SHARED_CASES, ids=[repr(case["input"]) for case in SHARED_CASES])
def test_the_shared_cases_are_parsed_as_by_v8(case: dict[str, object]) -> None:
    assert parse_ms(case["input"]) == case["ms"]


@pytest.mark.parametrize(("zone", "text", "expected"), ACCEPTED, ids=[f"{row[0]}: {row[1]!r}" for row in ACCEPTED])
def test_text_is_parsed_as_by_v8(zone: tzinfo, text: str, expected: str) -> None:
    assert parse_javascript_time(text, zone) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(("value", "reason"), REFUSED, ids=[f"{row[0]!r:.60}" for row in REFUSED])
def test_a_value_that_could_be_misread_is_refused_with_the_reason(value: object, reason: str) -> None:
    with pytest.raises(InvalidTimeError) as caught:
        parse_javascript_time(value, UTC)
    assert reason in caught.value.reason


@pytest.mark.parametrize("value", [2_092_569_728_123, 2_092_569_728_123.75, "2092569728123", "2092569728123.75"])
def test_numbers_and_their_digits_are_milliseconds_without_their_fraction(value: object) -> None:
    assert parse_javascript_time(value, NEW_YORK) == datetime(2036, 4, 23, 13, 22, 8, 123_000, UTC)


@pytest.mark.parametrize("value", [10**11, 253_402_300_799_999])
def test_the_lowest_and_the_highest_number_are_parsed(value: int) -> None:
    assert parse_ms(value) == parse_ms(str(value)) == value


def test_the_result_is_in_utc() -> None:
    assert parse_javascript_time("2036-04-23T13:22:08+03:00", KYIV).tzinfo is UTC


def test_four_digits_are_a_year_and_not_milliseconds() -> None:
    assert parse_javascript_time("2036", NEW_YORK) == datetime(2036, 1, 1, tzinfo=UTC)


def test_the_error_shows_the_value_and_the_reason() -> None:
    with pytest.raises(InvalidTimeError, match=r"^'2036-02-30' does not exist: day "):
        parse_javascript_time("2036-02-30", UTC)


@pytest.mark.parametrize("form", MILLISECOND_FORMS)
@given(instant=instants)
def test_every_format_with_milliseconds_is_parsed_to_the_millisecond(form: str, instant: datetime) -> None:
    text = MILLISECOND_FORMS[form](instant)
    assert parse_javascript_time(text, UTC) == instant.replace(microsecond=instant.microsecond // 1000 * 1000)


@pytest.mark.parametrize("form", SECOND_FORMS)
@given(instant=instants)
def test_every_format_with_seconds_is_parsed_to_the_second(form: str, instant: datetime) -> None:
    text = SECOND_FORMS[form](instant)
    assert parse_javascript_time(text, UTC) == instant.replace(microsecond=0)


@pytest.mark.parametrize("form", DAY_FORMS)
@given(instant=instants)
def test_every_format_of_a_day_is_parsed_as_its_midnight(form: str, instant: datetime) -> None:
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    assert parse_javascript_time(DAY_FORMS[form](instant), UTC) == midnight


@given(time=local_times)
def test_a_local_time_is_parsed_with_the_offset_of_its_zone(time: datetime) -> None:
    local = time.replace(microsecond=0, fold=0)
    for text in (f"{local:%Y-%m-%dT%H:%M:%S}", f"{local:%Y-%m-%d %H:%M:%S}", f"{local:%m/%d/%Y %H:%M:%S}"):
        assert parse_javascript_time(text, local.tzinfo or UTC) == local.astimezone(UTC)


@given(ms=st.integers(10**11, 253_402_300_799_999))
def test_every_number_of_milliseconds_is_parsed_exactly(ms: int) -> None:
    assert parse_ms(ms) == ms


@given(text=st.text() | st.text("0123456789-+:./, TZtzAPMapmGUC"))
def test_arbitrary_text_is_parsed_or_refused(text: str) -> None:
    assert parse_ms(text) is None or len(text) <= 100


@given(number=st.floats())
def test_an_arbitrary_float_is_parsed_or_refused(number: float) -> None:
    ms = parse_ms(number)
    assert ms is None or ms == int(number)
