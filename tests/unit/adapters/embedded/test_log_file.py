from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.embedded.log_file import MAX_LOG_BYTES, last_line, rotate
from postdate.adapters.embedded.server_errors import ServerDidNotStartError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "server.log"


def test_a_new_log_is_private_to_its_owner(log: Path) -> None:
    rotate(log)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_log_within_its_limit_is_continued(log: Path) -> None:
    log.write_bytes(bytes(MAX_LOG_BYTES))
    rotate(log)
    assert log.stat().st_size == MAX_LOG_BYTES


def test_a_log_beyond_its_limit_is_renamed_and_replaces_the_previous_one(log: Path) -> None:
    log.with_name("server.log.1").write_text("older")
    log.write_bytes(bytes(MAX_LOG_BYTES + 1))
    rotate(log)
    assert log.stat().st_size == 0
    assert log.with_name("server.log.1").stat().st_size == MAX_LOG_BYTES + 1


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
def test_the_last_line_is_returned_without_its_prefix(log: Path, text: str, line: str) -> None:
    log.write_text(text, encoding="utf-8")
    assert last_line(log) == line


def test_a_missing_log_has_an_empty_last_line(log: Path) -> None:
    assert last_line(log) == ""


def test_the_error_ends_with_the_last_line_of_the_log_if_there_is_one(log: Path) -> None:
    error = ServerDidNotStartError("ended at once", log=log, last_line="Bad file")
    assert str(error) == f"the embedded server ended at once; see {log}: Bad file"
    without_line = ServerDidNotStartError("ended at once", log=log, last_line="")
    assert str(without_line) == f"the embedded server ended at once; see {log}"
