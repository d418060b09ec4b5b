"""What became of the messages of a batch, kept until the last is known."""

from __future__ import annotations

from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

import msgspec

from ....domain.errors import PostdateError, StoreUnavailableError
from ..json_response import JSON
from ..problems.problem import problem_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litestar.types import Receive, Scope, Send

    from ....application.messages.schedule_messages import ScheduleOutcome

IN_MEMORY_BYTES = 1_048_576
"""What is more than that lies in a temporary file."""
PIECE_BYTES = 65_536
_NEW, _REPEATED = b'{"id":"%b"}', b'{"id":"%b","replayed":true}'
_encode = msgspec.json.Encoder().encode


class BatchResults:
    """Results as the JSON that they are answered with, and their answer: an ASGI application.

    They could be answered while lines still come in, but a client that sends all before it reads, as most do,
    would then stand still together with us once what lies between is full.
    """

    def __init__(self) -> None:
        self._accepted = 0
        self._rejected = 0
        self._away: StoreUnavailableError | None = None
        self._away_count = 0
        self._file = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  # closed when answered

    def close(self) -> None:
        """Forgets the results."""
        self._file.close()

    def write(self, outcomes: Sequence[ScheduleOutcome]) -> None:
        """Appends what became of the next messages."""
        if outcomes:
            comma = b"," if self._accepted or self._rejected else b""
            self._file.write(comma + b",".join([self._result(outcome) for outcome in outcomes]))

    @property
    def store_was_away(self) -> StoreUnavailableError | None:
        """Why every single message is refused, if it is because the store was away."""
        return self._away if self._away_count == self._accepted + self._rejected else None

    def _result(self, outcome: ScheduleOutcome) -> bytes:
        if not isinstance(outcome, PostdateError):
            self._accepted += 1
            return (_REPEATED if outcome.repeated else _NEW) % outcome.message_id.encode()
        self._rejected += 1
        if isinstance(outcome, StoreUnavailableError):
            self._away = self._away or outcome
            self._away_count += 1
        return b'{"problem":%b}' % _encode(problem_of(outcome))

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Sends the answer, piece by piece."""
        begin = b'{"accepted":%d,"rejected":%d,"results":[' % (self._accepted, self._rejected)
        length = len(begin) + self._file.tell() + 2
        headers = [(b"content-type", JSON.encode()), (b"content-length", b"%d" % length)]
        try:
            self._file.seek(0)
            await send({"type": "http.response.start", "status": HTTPStatus.OK.value, "headers": headers})
            await send({"type": "http.response.body", "body": begin, "more_body": True})
            while piece := self._file.read(PIECE_BYTES):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"]}", "more_body": False})
        finally:
            self.close()
