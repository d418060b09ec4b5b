"""Parses any JSON value as a time: numbers, digits, and text in one of the known formats."""

from __future__ import annotations

import re
from datetime import UTC
from math import isfinite
from typing import TYPE_CHECKING

from ...errors import InvalidTimeError
from ..instant import from_ms
from .components import to_instant
from .patterns import ISO, LEGACY

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from .components import Components

# `Date.toString()` is shorter in every language. The limit bounds the work of the patterns.
_MAX_CHARS = 100

# As milliseconds this is in March 1973, as seconds in the year 5138.
_MIN_PLAUSIBLE_MS = 10**11

_DIGITS = re.compile(r"([0-9]+)(?:\.[0-9]+)?")
# 202604231322 or 20260423132208. As milliseconds they would be in the years 1976 and 2612.
_COMPACT_DATE = re.compile(
    r"(?:19|20|21)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9])?"
)
_BLANKS = re.compile("[ \t\r\n\u00a0\u202f]+")


def parse_javascript_time(value: object, zone: tzinfo) -> datetime:
    """Parses a time as V8's `new Date(value)` does, or refuses it.

    Text is accepted only in the formats of `patterns.py`. Unlike `Date`, this never rolls over: 30 February is
    refused and does not become 2 March. Unlike `Date`, it also accepts milliseconds as a string of digits.

    Args:
        value: A JSON value: text, or milliseconds since 1970, whose fraction is dropped.
        zone: The time zone of a time that names none. A date alone in ISO format is in UTC nevertheless, as in
            JavaScript.

    Returns:
        The instant in UTC, in whole milliseconds.

    Raises:
        InvalidTimeError: The value is not such a time, or could be misread.
    """
    if isinstance(value, str):
        return _parse_text(value, zone)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidTimeError(value, "is neither text nor a number")
    if isinstance(value, float) and not isfinite(value):
        raise InvalidTimeError(value, "is not a finite number")
    return _parse_milliseconds(value, int(value))


def _parse_milliseconds(value: object, milliseconds: int) -> datetime:
    if milliseconds < 0:
        raise InvalidTimeError(value, "is negative")
    if milliseconds < _MIN_PLAUSIBLE_MS:
        raise InvalidTimeError(value, "looks like seconds: milliseconds since 1970 are expected")
    try:
        return from_ms(milliseconds)
    except OverflowError as error:
        raise InvalidTimeError(value, "is after the year 9999, as milliseconds") from error


def _parse_text(text: str, zone: tzinfo) -> datetime:
    if len(text) > _MAX_CHARS:
        raise InvalidTimeError(text[:_MAX_CHARS], f"has more than {_MAX_CHARS} characters")
    if iso := ISO.fullmatch(text):
        return _convert(text, iso.groupdict(), zone if iso["hour"] else UTC)
    if digits := _DIGITS.fullmatch(text):
        return _parse_digits(text, digits[1])
    return _parse_legacy(text, zone)


def _parse_digits(text: str, digits: str) -> datetime:
    if _COMPACT_DATE.fullmatch(digits):
        raise InvalidTimeError(text, "may be a date without punctuation or milliseconds since 1970")
    return _parse_milliseconds(text, int(digits))


def _parse_legacy(text: str, zone: tzinfo) -> datetime:
    spaced = _BLANKS.sub(" ", text).strip(" ")
    for pattern in LEGACY:
        if match := pattern.fullmatch(spaced):
            return _convert(text, _with_full_year(text, match.groupdict()), zone)
    if any(character.isdigit() and not character.isascii() for character in text):
        raise InvalidTimeError(text, "has digits other than 0 to 9")
    raise InvalidTimeError(text, "is not in a known format of dates, such as 2036-04-23T13:22:08Z")


def _with_full_year(text: str, components: Components) -> Components:
    # Here Date reads 0026 like 26, as 1926 or 2026.
    if int(components["year"] or 0) < 100:  # noqa: PLR2004
        raise InvalidTimeError(text, "has a year of two digits")
    return components


def _convert(text: str, components: Components, zone: tzinfo) -> datetime:
    try:
        return to_instant(components, zone)
    except ValueError as error:
        raise InvalidTimeError(text, f"does not exist: {error}") from error
    except OverflowError as error:
        raise InvalidTimeError(text, "is outside the years 1 to 9999") from error
