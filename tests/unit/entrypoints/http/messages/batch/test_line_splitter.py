from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from postdate.entrypoints.http.messages.batch.line_splitter import TOO_LONG, LineSplitter, LineTooLong

LIMIT = 10
CHUNK = b"x" * 1_000_000


def split(chunks: list[bytes]) -> list[bytes | LineTooLong]:
    splitter = LineSplitter(LIMIT)
    return [line for chunk in chunks for line in splitter.feed(chunk)] + list(splitter.end())


@given(st.lists(st.text("ab \r\n").map(str.encode)))
def test_lines_do_not_depend_on_how_the_stream_is_cut_into_chunks(chunks: list[bytes]) -> None:
    whole = [line for line in b"".join(chunks).split(b"\n") if line.strip() or len(line) > LIMIT]
    assert split(chunks) == [TOO_LONG if len(line) > LIMIT else line for line in whole]


def test_a_line_that_never_ends_is_not_held_in_memory() -> None:
    splitter = LineSplitter(LIMIT)
    tracemalloc.start()
    try:
        for _ in range(50):
            # Each chunk is a new object, as from a socket.
            assert list(splitter.feed(bytes(bytearray(CHUNK)))) == []
        assert tracemalloc.get_traced_memory()[0] < 5 * len(CHUNK)
    finally:
        tracemalloc.stop()
    assert list(splitter.feed(b"\nx\n")) == [TOO_LONG, b"x"]
