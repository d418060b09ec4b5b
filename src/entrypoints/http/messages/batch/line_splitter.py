"""Splits a stream of bytes into lines of bounded length."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class LineTooLong:
    """Stands for a line over the limit. The content of the line is dropped."""


TOO_LONG = LineTooLong()


class LineSplitter:
    """Splits chunks of a stream into lines. It never holds more than one line's limit and the present chunk."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._incomplete: list[bytes] = []
        self._incomplete_bytes = 0

    def feed(self, chunk: bytes) -> Iterator[bytes | LineTooLong]:
        """Yields the lines that a chunk completes, except for blank lines."""
        *line_ends, rest = chunk.split(b"\n")
        for line_end in line_ends:
            yield from self._complete(line_end)
        self._keep(rest)

    def end(self) -> Iterator[bytes | LineTooLong]:
        """Yields the last line, if the stream did not end with a line break."""
        yield from self._complete(b"")

    def _keep(self, rest: bytes) -> None:
        self._incomplete_bytes += len(rest)
        if self._incomplete_bytes > self._limit_bytes:
            self._incomplete.clear()
        elif rest:
            self._incomplete.append(rest)

    def _complete(self, line_end: bytes) -> Iterator[bytes | LineTooLong]:
        size_bytes = self._incomplete_bytes + len(line_end)
        line = b"".join((*self._incomplete, line_end)) if self._incomplete else line_end
        self._incomplete.clear()
        self._incomplete_bytes = 0
        if size_bytes > self._limit_bytes:
            yield TOO_LONG
        elif line and not line.isspace():
            yield line
