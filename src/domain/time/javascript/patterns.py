"""The formats of text that are parsed as a time, one pattern for each. Text that matches none of them is refused.

`ISO` is the format of the ECMAScript specification (section "Date Time String Format"). The others are the formats
that real programs send, among those that V8's legacy parser accepts (`src/date/dateparser-inl.h`). V8 accepts many
more by guessing.

A group has the name of the component that it captures. ASCII is set because IGNORECASE would otherwise match
letters that Unicode folds to ASCII ones, such as the long s.
"""

from __future__ import annotations

import re

_FLAGS = re.ASCII | re.IGNORECASE

# V8 misreads a fraction of more than nine digits that has leading zeros.
_FRACTION = r"(?:\.(?P<fraction>[0-9]{1,9}|[1-9][0-9]*))?"

ISO = re.compile(
    r"(?P<year>[0-9]{4}|[+-][0-9]{6})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
    rf"(?:T(?P<hour>[0-9]{{2}}):(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}}){_FRACTION})?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    _FLAGS,
)

_WEEKDAY_NAME = r"(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)"
# A weekday changes nothing, as in V8, not even one that contradicts the date.
_WEEKDAY = rf"(?:{_WEEKDAY_NAME}(?:, ?| ))?"
_MONTH_NAME = (
    r"(?P<month_name>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?"
    r"|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_MONTH = r"(?P<month>[0-9]{1,2})"
_DAY = r"(?P<day>[0-9]{1,2})"
# Two digits match, so that the error can say that they are the reason for the refusal.
_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"

_OFFSET = r"[+-](?:[0-9]{2}:?[0-9]{2}|[0-9]:[0-9]{2}|[0-9]{1,2})"
_ZONE_NAME = r"(?:Z|UTC?|GMT|[ECMP][SD]T)"
# Go writes `+0000 UTC`. Any other offset with a name could contradict itself.
_ZONE = rf"(?P<zone> \+0000 UTC| (?:GMT|UTC){_OFFSET}| {_ZONE_NAME}| ?{_OFFSET}|(?<=[0-9])Z)"

_CLOCK = (
    rf"(?P<hour>[0-9]{{1,2}}):(?P<minute>[0-9]{{1,2}})(?::(?P<second>[0-9]{{1,2}}){_FRACTION})?"
    r"(?: (?P<meridiem>[AP]M))?"
)
# After a date alone, V8 reads a sign as a dash, so only a name can be its zone.
_TIME = rf"(?:,? {_CLOCK}{_ZONE}?(?: \([^()]*\))?| (?P<zone_of_date>{_ZONE_NAME}))?"
# Intl with `hour12: false` writes the midnight that begins a day as 24:00. Date reads 24:00 as the one that ends
# it.
_TIME_BEFORE_24 = rf"(?!,? 24:){_TIME}"

# In these formats a run of blanks counts as one space, and a date alone is local too if it names no zone.
LEGACY = tuple(
    re.compile(pattern, _FLAGS)
    for pattern in (
        # 2036-04-23 13:22:08+0300; 2036-4-23
        rf"{_YEAR}-{_MONTH}-{_DAY}{_TIME}",
        # 4/23/2036, 1:22:08 PM
        rf"{_MONTH}/{_DAY}/{_YEAR}{_TIME_BEFORE_24}",
        # 2036/4/23 13:22
        rf"{_YEAR}/{_MONTH}/{_DAY}{_TIME_BEFORE_24}",
        # Wed, 23 Apr 2036 13:22:08 GMT; 23 April 2036
        rf"{_WEEKDAY}{_DAY} {_MONTH_NAME}\.?,? {_YEAR}{_TIME_BEFORE_24}",
        # Wed, 23-Apr-2036 13:22:08 GMT, as in cookies
        rf"{_WEEKDAY}{_DAY}-{_MONTH_NAME}-{_YEAR}{_TIME_BEFORE_24}",
        # Wed Apr 23 2036 13:22:08 GMT+0300 (Israel Daylight Time); April 23, 2036
        rf"{_WEEKDAY}{_MONTH_NAME}\.? {_DAY},? {_YEAR}{_TIME_BEFORE_24}",
        # Wed Apr 23 13:22:08 UTC 2036, as from date(1); Wed Apr 23 13:22:08 +0000 2036, as from Twitter
        rf"{_WEEKDAY}{_MONTH_NAME} {_DAY} (?!24:){_CLOCK}(?: (?P<zone>{_ZONE_NAME}|[+-][0-9]{{4}}))? {_YEAR}",
        # Wed Apr 23 13:22:08 2036 +0300, as from git
        rf"{_WEEKDAY}{_MONTH_NAME} {_DAY} (?!24:){_CLOCK} {_YEAR} (?P<zone>[+-][0-9]{{4}})",
    )
)
