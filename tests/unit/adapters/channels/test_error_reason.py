from __future__ import annotations

import pytest

from postdate.adapters.channels.error_reason import reason_of, without_credentials


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("redis://:p@ss/word@host:1/0", "redis://***@host:1/0"),
        ("amqp://user:p%2Fss@host//", "amqp://***@host//"),
        ("rediss://user:p#s?s@host", "rediss://***@host"),
        ("'redis://a:b@c' and 'redis://d:e@f'", "'redis://***@c' and 'redis://***@f'"),
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("mail me@example.org or see https://example.org/a", "mail me@example.org or see https://example.org/a"),
    ],
)
def test_a_reason_has_no_credentials_in_it(text: str, told: str) -> None:
    assert without_credentials(text) == told


def test_an_error_without_words_is_told_by_its_kind_or_its_cause() -> None:
    silent = TimeoutError()
    assert reason_of(silent) == "TimeoutError"
    silent.__cause__ = OSError("redis://u:p@h is away")
    assert reason_of(silent) == "OSError: redis://***@h is away"
