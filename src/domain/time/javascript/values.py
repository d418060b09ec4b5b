"""The one entry: takes any value of JSON apart into numbers, digits and forms of text."""

from __future__ import annotations

import re
from datetime import UTC
from math import isfinite
from typing import TYPE_CHECKING

from ...errors import InvalidTimeError
from ..instant import from_ms
from .fields import instant_of
from .forms import ISO, LEGACY

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from .fields import Fields

# `Date.toString()` in the wordiest language stays below it, and no pattern is given more to chew on.
_MAX_CHARS = 100

# In milliseconds this is March 1973; in seconds, the year 5138.
_MIN_PLAUSIBLE_MS = 10**11

_DIGITS = re.compile(r"([0-9]+)(?:\.[0-9]+)?")
# 202604231322 or 20260423132208: as milliseconds they would be the years 1976 and 2612.
_COMPACT_DATE = re.compile(
    r"(?:19|20|21)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9])?"
)
_BLANKS = re.compile("[ \t\r\n\u00a0\u202f]+")


def parse_javascript_time(value: object, zone: tzinfo) -> datetime:
    """Reads a time as V8's `new Date(value)` does, or refuses it.

    Text is read only in the forms that `forms.py` lists. Unlike `Date` this never rolls over: 30 February is
    refused, not 2 March. Beyond `Date` it takes milliseconds as a string of digits too.

    Args:
        value: what JSON had: a form of text, or milliseconds since 1970 whose fraction is dropped.
        zone: what a time that names no zone is local to. A date alone in ISO form is UTC all the same, as in
            JavaScript.

    Returns:
        The instant in UTC, in whole milliseconds.

    Raises:
        InvalidTimeError: the value is no such time, or might be misread.
    """
    if isinstance(value, str):
        return _read_text(value, zone)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidTimeError(value, "is neither text nor a number")
    if isinstance(value, float) and not isfinite(value):
        raise InvalidTimeError(value, "is not a finite number")
    return _read_milliseconds(value, int(value))


def _read_milliseconds(value: object, milliseconds: int) -> datetime:
    if milliseconds < 0:
        raise InvalidTimeError(value, "is negative")
    if milliseconds < _MIN_PLAUSIBLE_MS:
        raise InvalidTimeError(value, "looks like seconds: milliseconds since 1970 are expected")
    try:
        return from_ms(milliseconds)
    except OverflowError as error:
        raise InvalidTimeError(value, "is after the year 9999, as milliseconds") from error


def _read_text(text: str, zone: tzinfo) -> datetime:
    if len(text) > _MAX_CHARS:
        raise InvalidTimeError(text[:_MAX_CHARS], f"has more than {_MAX_CHARS} characters")
    if iso := ISO.fullmatch(text):
        return _read_fields(text, iso.groupdict(), zone if iso["hour"] else UTC)
    if digits := _DIGITS.fullmatch(text):
        return _read_digits(text, digits[1])
    return _read_legacy(text, zone)


def _read_digits(text: str, digits: str) -> datetime:
    if _COMPACT_DATE.fullmatch(digits):
        raise InvalidTimeError(text, "may be a date without punctuation or milliseconds since 1970")
    return _read_milliseconds(text, int(digits))


def _read_legacy(text: str, zone: tzinfo) -> datetime:
    spaced = _BLANKS.sub(" ", text).strip(" ")
    for form in LEGACY:
        if match := form.fullmatch(spaced):
            return _read_fields(text, _with_full_year(text, match.groupdict()), zone)
    if any(character.isdigit() and not character.isascii() for character in text):
        raise InvalidTimeError(text, "has digits other than 0 to 9")
    raise InvalidTimeError(text, "is in no form of date that is read here, such as 2036-04-23T13:22:08Z")


def _with_full_year(text: str, fields: Fields) -> Fields:
    # Date takes 0026 for 1926 or 2026 here, as it does 26.
    if int(fields["year"] or 0) < 100:  # noqa: PLR2004
        raise InvalidTimeError(text, "has a year of two digits")
    return fields


def _read_fields(text: str, fields: Fields, zone: tzinfo) -> datetime:
    try:
        return instant_of(fields, zone)
    except ValueError as error:
        raise InvalidTimeError(text, f"does not exist: {error}") from error
    except OverflowError as error:
        raise InvalidTimeError(text, "is outside the years 1 to 9999") from error
