"""Lines out of a stream of bytes, of bounded length."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class LineTooLong:
    """Stands for a line that was longer than allowed; what it was is not kept."""


TOO_LONG = LineTooLong()


class Lines:
    """Cuts pieces of a stream into lines. Never holds more than one line's limit and the piece at hand."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._begun: list[bytes] = []
        self._begun_bytes = 0

    def feed(self, piece: bytes) -> Iterator[bytes | LineTooLong]:
        """Yields the lines that a piece completes; without blank ones."""
        *complete, rest = piece.split(b"\n")
        for end in complete:
            yield from self._complete(end)
        self._begin(rest)

    def end(self) -> Iterator[bytes | LineTooLong]:
        """Yields the last line, where the stream did not end with a line's end."""
        yield from self._complete(b"")

    def _begin(self, piece: bytes) -> None:
        self._begun_bytes += len(piece)
        if self._begun_bytes > self._limit_bytes:
            self._begun.clear()
        elif piece:
            self._begun.append(piece)

    def _complete(self, end: bytes) -> Iterator[bytes | LineTooLong]:
        length = self._begun_bytes + len(end)
        line = b"".join((*self._begun, end)) if self._begun else end
        self._begun.clear()
        self._begun_bytes = 0
        if length > self._limit_bytes:
            yield TOO_LONG
        elif line and not line.isspace():
            yield line
