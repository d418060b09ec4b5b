from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from postdate.entrypoints.http.messages.line_splitter import TOO_LONG, LineSplitter, LineTooLong

LIMIT = 10
PIECE = b"x" * 1_000_000


def cut(pieces: list[bytes]) -> list[bytes | LineTooLong]:
    lines = LineSplitter(LIMIT)
    return [line for piece in pieces for line in lines.feed(piece)] + list(lines.end())


@given(st.lists(st.text("ab \r\n").map(str.encode)))
def test_lines_are_the_same_however_the_stream_is_cut(pieces: list[bytes]) -> None:
    whole = [line for line in b"".join(pieces).split(b"\n") if line.strip() or len(line) > LIMIT]
    assert cut(pieces) == [TOO_LONG if len(line) > LIMIT else line for line in whole]


def test_a_line_without_end_is_not_kept() -> None:
    lines = LineSplitter(LIMIT)
    tracemalloc.start()
    try:
        for _ in range(50):
            # Each a piece of its own, as they come from a socket.
            assert list(lines.feed(bytes(bytearray(PIECE)))) == []
        assert tracemalloc.get_traced_memory()[0] < 5 * len(PIECE)
    finally:
        tracemalloc.stop()
    assert list(lines.feed(b"\nx\n")) == [TOO_LONG, b"x"]
