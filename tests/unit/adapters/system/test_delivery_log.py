from __future__ import annotations

import logging
import os
import threading
import tty
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.system.delivery_log import StandardOutputLog
from tests.contracts.delivery_log import DeliveryLogContract

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from postdate.application.ports.delivery_log import DeliveryLog

MORE_BYTES_THAN_A_PIPE_HOLDS = 300_000


class TestStandardOutputLog(DeliveryLogContract):
    @pytest.fixture
    def log(self, tmp_path: Path) -> Iterator[StandardOutputLog]:
        self._file = tmp_path / "out"
        with self._file.open("wb") as file:
            yield StandardOutputLog(file.fileno())

    def written(self, log: DeliveryLog) -> Sequence[str]:
        assert isinstance(log, StandardOutputLog)
        return self._file.read_text(encoding="utf-8").splitlines()


class _Pipe:
    """A pipe and a thread that reads it. The thread starts with `begin_to_read`."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self.read = b""
        self._reader = threading.Thread(target=self._read_to_the_end)

    def begin_to_read(self) -> None:
        self._reader.start()

    def read_to_the_end(self) -> bytes:
        os.close(self.writing)
        self.writing = -1
        if not self._reader.is_alive() and self._reader.ident is None:
            self.begin_to_read()
        self._reader.join(timeout=10)
        return self.read

    def _read_to_the_end(self) -> None:
        while some := os.read(self.reading, 65_536):
            self.read += some

    def close(self) -> None:
        for descriptor in (self.reading, self.writing):
            if descriptor >= 0:
                os.close(descriptor)


@pytest.fixture
def pipe() -> Iterator[_Pipe]:
    with closing(_Pipe()) as pipe:
        yield pipe


def test_the_log_writes_to_standard_output_by_default(capfd: pytest.CaptureFixture[str]) -> None:
    StandardOutputLog().log("hello")
    assert capfd.readouterr().out == "hello\n"


def test_a_line_is_written_completely_even_in_several_writes(pipe: _Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, rest: write(descriptor, rest[:7]))
    StandardOutputLog(pipe.writing).log("a line that is longer than seven bytes ☀")
    assert pipe.read_to_the_end().decode() == "a line that is longer than seven bytes ☀\n"


@pytest.mark.parametrize("blocking", [True, False])
def test_the_log_waits_for_a_slow_reader(pipe: _Pipe, *, blocking: bool) -> None:
    os.set_blocking(pipe.writing, blocking)
    log, line = StandardOutputLog(pipe.writing), "x" * MORE_BYTES_THAN_A_PIPE_HOLDS
    writing = threading.Thread(target=log.log, args=(line,))
    writing.start()
    writing.join(timeout=0.02)
    assert writing.is_alive()
    pipe.begin_to_read()
    writing.join(timeout=10)
    assert not writing.is_alive()
    assert pipe.read_to_the_end().decode() == line + "\n"


def test_a_closed_pipe_raises(pipe: _Pipe) -> None:
    os.close(pipe.reading)
    pipe.reading = -1
    with pytest.raises(BrokenPipeError):
        StandardOutputLog(pipe.writing).log("nobody reads this")


def test_a_lone_surrogate_is_written_as_an_escape(pipe: _Pipe) -> None:
    StandardOutputLog(pipe.writing).log("a\ud83db")
    assert pipe.read_to_the_end() == b"a\\ud83db\n"


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Yields the two ends of a pseudo-terminal: what is written to the second is read from the first."""
    reading, writing = os.openpty()
    tty.setraw(writing)
    yield reading, writing
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x00\x08\r\x1f\x7f", "\\x00\\x08\\x0d\\x1f\\u007f"),
        ("\x80\x9b31m\x9f", "\\u0080\\u009b31m\\u009f"),
        ('{"a":"\x9b2J"}', '{"a":"\\u009b2J"}'),
        ("a\u202eb\u2066c\u2028d", "a\\u202eb\\u2066c\\u2028d"),
        ("tab\tnbsp\xa0žluť 鳥 👩\u200d🚀 \\n", "tab\tnbsp\xa0žluť 鳥 👩\u200d🚀 \\n"),
    ],
)
def test_a_terminal_gets_control_characters_as_escapes_but_other_outputs_get_them_unchanged(
    terminal: tuple[int, int], pipe: _Pipe, line: str, shown: str
) -> None:
    reading, writing = terminal
    StandardOutputLog(writing).log(line)
    assert os.read(reading, 1_000).decode() == shown + "\n"
    StandardOutputLog(pipe.writing).log(line)
    assert pipe.read_to_the_end().decode() == line + "\n"


def test_an_error_goes_to_the_log_of_the_process(caplog: pytest.LogCaptureFixture) -> None:
    StandardOutputLog().error("message 1 could not be written")
    assert caplog.record_tuples == [("postdate.console", logging.ERROR, "message 1 could not be written")]
