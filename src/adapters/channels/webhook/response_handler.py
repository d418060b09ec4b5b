"""Reads the responses of a connection, such that a receiver cannot send more than one response to a request."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

if TYPE_CHECKING:
    from aiohttp.http import RawResponseMessage
    from aiohttp.streams import StreamReader

MAX_INTERIM_RESPONSES = 8
"""How many interim responses (1xx) may precede the response to one request."""
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_MAX_SPLIT_END_BYTES = 2
"""How much of the end of a head the bytes before may contain."""


class TooManyInterimResponsesError(aiohttp.ClientError):
    """The receiver sends interim responses (1xx) instead of a response."""


class OneResponseHandler(ResponseHandler):
    """Parses a response head by head, and nothing that follows an error or the end of the response.

    aiohttp parses all the bytes of one read together. It accepts any number of interim responses, so a receiver
    that sends them without end would occupy the event loop for as long as the attempt may take. If bytes that are
    not HTTP follow a response in the same read, it discards the response as well.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # they are aiohttp's
        super().__init__(*args, **kwargs)
        self._interim_responses = 0
        self._has_response = False
        self._last_bytes = b""

    def set_response_params(self, **params: Any) -> None:  # noqa: ANN401  # likewise
        """Begins a request: a few interim responses and one response may follow."""
        self._interim_responses = 0
        self._has_response = False
        self._last_bytes = b""
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Parses the heads in these bytes one by one; after the head of the response, all other bytes together."""
        while not self._has_response and (end := self._end_of_head(data)):
            super().data_received(data[:end])
            data = data[end:]
            if self._exception is not None or not data:
                return
        super().data_received(data)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Accepts a parsed response. One that must not be there closes the connection."""
        if self._has_response:
            self._refuse_more()
            return
        if _is_interim(data[0].code):
            self._interim_responses += 1
            if self._interim_responses > MAX_INTERIM_RESPONSES:
                self.set_exception(
                    TooManyInterimResponsesError(f"more than {MAX_INTERIM_RESPONSES} interim responses")
                )
                self._refuse_more()
                return
        else:
            self._has_response = True
        super().feed_data(data, size)

    def _end_of_head(self, data: bytes) -> int:
        """Returns how many of the bytes belong to the present head; 0: all, and its end is yet to come."""
        before = self._last_bytes
        found = _END_OF_HEAD.search(before + data)
        self._last_bytes = b"" if found else (before + data)[-_MAX_SPLIT_END_BYTES:]
        return found.end() - len(before) if found else 0

    def _refuse_more(self) -> None:
        self.force_close()
        if self.transport is not None:
            self.transport.close()


def _is_interim(status: int) -> bool:
    return HTTPStatus.CONTINUE <= status < HTTPStatus.OK and status != HTTPStatus.SWITCHING_PROTOCOLS
