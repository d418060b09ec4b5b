"""The results of a batch, kept until the last message is scheduled."""

from __future__ import annotations

from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

import msgspec

from .....domain.errors import PostdateError, StoreUnavailableError
from ...json_response import JSON
from ...problems.error_table import problem_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litestar.types import Receive, Scope, Send

    from .....application.messages.schedule_messages import ScheduleOutcome

MAX_IN_MEMORY_BYTES = 1_048_576
"""Results beyond this size are in a temporary file."""
CHUNK_BYTES = 65_536
_NEW, _REPEATED = b'{"id":"%b"}', b'{"id":"%b","replayed":true}'
_encode = msgspec.json.Encoder().encode


class BatchResults:
    """Collects the results of a batch as JSON; as an ASGI application, sends them as the response.

    The results are not sent while lines are still received. Most clients send all lines before they read; once the
    buffers between such a client and the service were full, both would wait for each other for ever.
    """

    def __init__(self) -> None:
        self._accepted = 0
        self._rejected = 0
        self._unavailable = 0
        self._first_outage: StoreUnavailableError | None = None
        self._file = SpooledTemporaryFile(MAX_IN_MEMORY_BYTES)  # noqa: SIM115  # closed when the response is sent

    def close(self) -> None:
        """Drops the results."""
        self._file.close()

    def write(self, outcomes: Sequence[ScheduleOutcome]) -> None:
        """Appends the outcomes of the next messages."""
        if outcomes:
            comma = b"," if self._accepted or self._rejected else b""
            self._file.write(comma + b",".join([self._result(outcome) for outcome in outcomes]))

    @property
    def outage(self) -> StoreUnavailableError | None:
        """The first error of the store, if every message was rejected because the store did not answer."""
        return self._first_outage if self._unavailable == self._accepted + self._rejected else None

    def _result(self, outcome: ScheduleOutcome) -> bytes:
        if not isinstance(outcome, PostdateError):
            self._accepted += 1
            return (_REPEATED if outcome.repeated else _NEW) % outcome.message_id.encode()
        self._rejected += 1
        if isinstance(outcome, StoreUnavailableError):
            self._first_outage = self._first_outage or outcome
            self._unavailable += 1
        return b'{"problem":%b}' % _encode(problem_of(outcome))

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Sends the response in chunks."""
        begin = b'{"accepted":%d,"rejected":%d,"results":[' % (self._accepted, self._rejected)
        length = len(begin) + self._file.tell() + 2
        headers = [(b"content-type", JSON.encode()), (b"content-length", b"%d" % length)]
        try:
            self._file.seek(0)
            await send({"type": "http.response.start", "status": HTTPStatus.OK.value, "headers": headers})
            await send({"type": "http.response.body", "body": begin, "more_body": True})
            while chunk := self._file.read(CHUNK_BYTES):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"]}", "more_body": False})
        finally:
            self.close()
