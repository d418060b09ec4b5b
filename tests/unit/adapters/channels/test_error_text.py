from __future__ import annotations

import pytest

from postdate.adapters.channels.error_text import describe_error, without_credentials


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis://:p@ss/word@host:1/0", "redis://***@host:1/0"),
        ("amqp://user:p%2Fss@host//", "amqp://***@host//"),
        ("rediss://user:p#s?s@host", "rediss://***@host"),
        ("'redis://a:b@c' and 'redis://d:e@f'", "'redis://***@c' and 'redis://***@f'"),
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("mail me@example.org or see https://example.org/a", "mail me@example.org or see https://example.org/a"),
    ],
)
def test_credentials_are_removed_from_each_url(text: str, expected: str) -> None:
    assert without_credentials(text) == expected


def test_an_error_without_a_text_is_described_by_its_type_or_its_cause() -> None:
    error = TimeoutError()
    assert describe_error(error) == "TimeoutError"
    error.__cause__ = OSError("redis://u:p@h does not answer")
    assert describe_error(error) == "OSError: redis://***@h does not answer"
