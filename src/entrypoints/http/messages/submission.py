"""Lines on their way into the store: group after group, while the next lines are read."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from ....domain.errors import ExpiresTooEarlyError, InvalidTimeError, PostdateError, StoreUnavailableError
from ..parsing.json_body import decode
from ..problems.request_errors import InvalidRequestError
from .idempotency_key import key_of
from .lines import LineTooLong
from .message_documents import NewMessage
from .message_requests import schedule_request_of, with_error_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....application.messages.schedule_message import ScheduleRequest
    from ....application.messages.schedule_messages import ScheduleMessages, ScheduleOutcome
    from ....domain.messages.request_key import RequestKey
    from ..use_cases import HttpOptions
    from .batch_results import BatchResults

GROUP = 500
UNDER_WAY = 3
"""How many groups the store may be busy with before no more lines are read."""

_decoder = msgspec.json.Decoder(NewMessage)


class _Group:
    """Lines that are stored together, and what is wrong with those that are not."""

    def __init__(self) -> None:
        self.outcomes: list[ScheduleOutcome | None] = []
        self.requests: list[ScheduleRequest] = []
        self.documents: list[NewMessage] = []
        self.keys: dict[int, RequestKey] = {}

    def take(self, document: NewMessage, request: ScheduleRequest, key: RequestKey | None) -> None:
        if key is not None:
            self.keys[len(self.requests)] = key
        self.documents.append(document)
        self.requests.append(request)
        self.outcomes.append(None)

    def refuse(self, error: PostdateError) -> None:
        self.outcomes.append(error)

    def settle(self, outcomes: Sequence[ScheduleOutcome]) -> Sequence[ScheduleOutcome]:
        """Returns all outcomes in order, given those of the requests."""
        settled = iter(zip(self.documents, outcomes, strict=True))
        return [_placed(*next(settled)) if outcome is None else outcome for outcome in self.outcomes]


class Submission:
    """Takes lines and writes down what becomes of them, in their order."""

    def __init__(self, schedule_messages: ScheduleMessages, options: HttpOptions, results: BatchResults) -> None:
        self._schedule_messages = schedule_messages
        self._options = options
        self._results = results
        self._group = _Group()
        self._under_way: deque[asyncio.Task[Sequence[ScheduleOutcome]]] = deque()
        self._away: StoreUnavailableError | None = None

    async def take(self, line: bytes | msgspec.Raw | LineTooLong) -> None:
        """Takes one line, and waits while the store has enough to do."""
        try:
            self._read(line)
        except PostdateError as error:
            self._group.refuse(error)
        if len(self._group.outcomes) >= GROUP:
            await self._send()

    async def end(self) -> None:
        """Waits until it is known what became of every line."""
        await self._send()
        while self._under_way:
            await self._write_first()

    async def abandon(self) -> None:
        """Waits for what the store is busy with; what was read and not sent is dropped."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _read(self, line: bytes | msgspec.Raw | LineTooLong) -> None:
        if isinstance(line, LineTooLong):
            raise InvalidRequestError("$", "The line is longer than a message may be")
        document = decode(bytes(line), _decoder)
        request = schedule_request_of(document, self._options)
        self._group.take(document, request, key_of(document, request))

    async def _send(self) -> None:
        group, self._group = self._group, _Group()
        if not group.outcomes:
            return
        self._under_way.append(asyncio.create_task(self._store(group)))
        # Lets it begin: it is on its way to the store while the next lines are read.
        await asyncio.sleep(0)
        while len(self._under_way) >= UNDER_WAY:
            await self._write_first()

    async def _store(self, group: _Group) -> Sequence[ScheduleOutcome]:
        if self._away is not None:
            # Else each group would wait for an answer again, and those that are left are many.
            return group.settle([self._away] * len(group.requests))
        outcomes = await self._schedule_messages(group.requests, group.keys)
        for outcome in outcomes:
            if isinstance(outcome, StoreUnavailableError):
                self._away = StoreUnavailableError("not tried, because it did not answer for a message before")
                break
        return group.settle(outcomes)

    async def _write_first(self) -> None:
        self._results.write(await self._under_way.popleft())


def _placed(document: NewMessage, outcome: ScheduleOutcome) -> ScheduleOutcome:
    if not isinstance(outcome, InvalidTimeError | ExpiresTooEarlyError):
        return outcome
    try:
        with with_error_paths(document):
            raise outcome
    except InvalidRequestError as error:
        return error
