"""Stores the messages of a batch group by group, while the next ones are read."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from .....domain.errors import PostdateError, StoreUnavailableError
from ...parsing.json_body import decode
from ...problems.request_errors import InvalidRequestError
from ..idempotency_key import request_key_of
from ..message_documents import NewMessage
from ..message_requests import TIME_ERRORS, name_field, schedule_request_of
from .line_splitter import LineTooLong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .....application.messages.schedule_message import ScheduleRequest
    from .....application.messages.schedule_messages import ScheduleMessages, ScheduleOutcome
    from .....domain.messages.request_key import RequestKey
    from ...use_cases import HttpOptions
    from .batch_results import BatchResults

GROUP_SIZE = 500
MAX_GROUPS_IN_FLIGHT = 3
"""How many groups may be on their way to the store before the pipeline stops reading."""

_decoder = msgspec.json.Decoder(NewMessage)


class BatchPipeline:
    """Schedules the items of a batch and writes their outcomes in the order of the items.

    An item is the JSON of one message. A rejected item does not affect the rest.
    """

    def __init__(self, schedule_messages: ScheduleMessages, options: HttpOptions, results: BatchResults) -> None:
        self._schedule_messages = schedule_messages
        self._options = options
        self._results = results
        self._group = _Group()
        self._in_flight: deque[asyncio.Task[Sequence[ScheduleOutcome]]] = deque()
        self._outage: StoreUnavailableError | None = None

    async def add(self, item: bytes | msgspec.Raw | LineTooLong) -> None:
        """Adds one item. Waits while `MAX_GROUPS_IN_FLIGHT` groups are on their way to the store."""
        try:
            self._parse(item)
        except PostdateError as error:
            self._group.reject(error)
        if len(self._group.outcomes) >= GROUP_SIZE:
            await self._send_group()

    async def finish(self) -> None:
        """Waits until the outcome of every item is written."""
        await self._send_group()
        while self._in_flight:
            await self._write_oldest()

    async def abort(self) -> None:
        """Waits for the groups on their way to the store, and drops the items that are not sent yet."""
        await asyncio.gather(*self._in_flight, return_exceptions=True)

    def _parse(self, item: bytes | msgspec.Raw | LineTooLong) -> None:
        if isinstance(item, LineTooLong):
            raise InvalidRequestError("$", "The line is longer than a message may be")
        document = decode(bytes(item), _decoder)
        request = schedule_request_of(document, self._options)
        self._group.accept(document, request, request_key_of(document, request))

    async def _send_group(self) -> None:
        group, self._group = self._group, _Group()
        if not group.outcomes:
            return
        self._in_flight.append(asyncio.create_task(self._store(group)))
        # The task starts now, so the group is on its way to the store while the next items are read.
        await asyncio.sleep(0)
        while len(self._in_flight) >= MAX_GROUPS_IN_FLIGHT:
            await self._write_oldest()

    async def _store(self, group: _Group) -> Sequence[ScheduleOutcome]:
        if self._outage is not None:
            # Otherwise each of the groups left, which may be many, would wait for an answer again.
            return group.merge([self._outage] * len(group.requests))
        outcomes = await self._schedule_messages(group.requests, group.keys)
        if any(isinstance(outcome, StoreUnavailableError) for outcome in outcomes):
            self._outage = StoreUnavailableError("not tried, because it did not answer for a message before")
        return group.merge(outcomes)

    async def _write_oldest(self) -> None:
        self._results.write(await self._in_flight.popleft())


class _Group:
    """Items that are stored together, and the errors of those that are rejected before.

    Attributes:
        outcomes: The error of each rejected item, in the order of the items; `None` for an accepted one.
        requests: The requests of the accepted items.
        documents: Their documents.
        keys: Their keys, by the index of the request.
    """

    def __init__(self) -> None:
        self.outcomes: list[ScheduleOutcome | None] = []
        self.requests: list[ScheduleRequest] = []
        self.documents: list[NewMessage] = []
        self.keys: dict[int, RequestKey] = {}

    def accept(self, document: NewMessage, request: ScheduleRequest, key: RequestKey | None) -> None:
        if key is not None:
            self.keys[len(self.requests)] = key
        self.documents.append(document)
        self.requests.append(request)
        self.outcomes.append(None)

    def reject(self, error: PostdateError) -> None:
        self.outcomes.append(error)

    def merge(self, outcomes: Sequence[ScheduleOutcome]) -> Sequence[ScheduleOutcome]:
        """Returns the outcomes of all items in their order, given the outcomes of the requests."""
        stored = iter(zip(self.documents, outcomes, strict=True))
        return [_with_field(*next(stored)) if outcome is None else outcome for outcome in self.outcomes]


def _with_field(document: NewMessage, outcome: ScheduleOutcome) -> ScheduleOutcome:
    return name_field(outcome, document) if isinstance(outcome, TIME_ERRORS) else outcome
