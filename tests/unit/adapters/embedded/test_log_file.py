from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.embedded.log_file import LIMIT_BYTES, last_line, rotate
from postdate.adapters.embedded.server_errors import ServerDidNotStartError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "server.log"


def test_a_new_log_is_its_owners_alone(log: Path) -> None:
    rotate(log)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_log_within_its_limit_goes_on(log: Path) -> None:
    log.write_bytes(bytes(LIMIT_BYTES))
    rotate(log)
    assert log.stat().st_size == LIMIT_BYTES


def test_a_log_beyond_its_limit_is_set_aside_and_the_one_before_it_dropped(log: Path) -> None:
    log.with_name("server.log.1").write_text("older")
    log.write_bytes(bytes(LIMIT_BYTES + 1))
    rotate(log)
    assert log.stat().st_size == 0
    assert log.with_name("server.log.1").stat().st_size == LIMIT_BYTES + 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        (
            "4756:M 24 Nov 2026 06:30:14.242 * one\n4756:M 24 Nov 2026 06:30:14.243 # Bad file: two\n",
            "Bad file: two",
        ),
        ("sh: no such program\n\n", "sh: no such program"),
        ("x" * 10_000 + "\nlast", "last"),
        ("4756:C 24 Nov 2026 06:30:14.242 # \xff\n", "\xff"),
    ],
)
def test_the_last_line_is_quoted_without_its_stamp(log: Path, text: str, line: str) -> None:
    log.write_text(text, encoding="utf-8")
    assert last_line(log) == line


def test_a_log_that_is_not_there_says_nothing(log: Path) -> None:
    assert last_line(log) == ""


def test_a_failure_ends_with_the_servers_own_words_if_it_had_any(log: Path) -> None:
    failure = ServerDidNotStartError("ended at once", log=log, last_line="Bad file")
    assert str(failure) == f"the embedded server ended at once; see {log}: Bad file"
    silent = ServerDidNotStartError("ended at once", log=log, last_line="")
    assert str(silent) == f"the embedded server ended at once; see {log}"
