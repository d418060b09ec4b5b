from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from postdate.entrypoints.logs import StructuredFormatter


def test_a_record_becomes_one_line_of_json() -> None:
    line = formatted("lease %s lost", "of a", partition=3)
    assert list(line) == ["at", "level", "event", "partition"]
    assert (line["level"], line["event"], line["partition"]) == ("warning", "lease of a lost", 3)
    assert datetime.fromisoformat(line["at"]).tzinfo is UTC or line["at"].endswith("Z")


@pytest.mark.parametrize("text", ["two\nlines", "a\r\nb", 'a "quote"', "\x00\x1b[31m", "lone \ud800 half", "é😀"])
def test_every_record_stays_one_line(text: str) -> None:
    assert formatted(text, fact=text)["event"]


@pytest.mark.parametrize("text", ["\x1b[2J", "\x7f", "\x9b31m", "\x7f lone \ud800 half"])
def test_control_characters_that_a_terminal_obeys_are_escaped(text: str) -> None:
    assert formatted("failed", reason=text)["reason"] == text


def test_an_exception_is_part_of_the_line() -> None:
    try:
        raise RuntimeError("broken\nin two")  # noqa: TRY301
    except RuntimeError:
        line = formatted("failed", exc_info=sys.exc_info())
    assert "RuntimeError: broken" in line["trace"]


@pytest.mark.parametrize("fact", [Path("/x"), {"a": {1}}, [b"x"], object(), 10**30, float("nan"), {1: 2}])
def test_a_record_may_have_attributes_of_any_type(fact: object) -> None:
    assert "fact" in formatted("event", fact=fact)


def test_attributes_do_not_replace_the_event() -> None:
    line = formatted("what happened", event="something else", level="none")
    assert (line["event"], line["level"]) == ("what happened", "warning")


def formatted(message: str, *arguments: object, exc_info: Any = None, **facts: object) -> dict[str, Any]:  # noqa: ANN401
    record = logging.LogRecord("postdate", logging.WARNING, __file__, 1, message, arguments, exc_info)
    record.__dict__.update(facts)
    text = StructuredFormatter().format(record)
    assert len(text.splitlines()) == 1
    assert text.isprintable()
    line: dict[str, Any] = json.loads(text)
    return line
