"""The use case that schedules many messages, or messages with idempotency keys."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from ...domain.errors import KeyReusedError, MessageForgottenError, PostdateError
from ...domain.messages.request_key import KEYED_PARTITION
from ..events.events import MessagesScheduled
from ..ports.message_writer import KeyedMessage, KeyHolder, KeyResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ...domain.ids import MessageId
    from ...domain.messages.message import Message
    from ...domain.messages.request_key import RequestKey
    from ..channels import Channels
    from ..ports.clock import Clock
    from ..ports.doorbell import Doorbell
    from ..ports.event_recorder import EventRecorder
    from ..ports.id_generator import IdGenerator
    from ..ports.message_store import MessageStore
    from ..ports.message_writer import MessageWriter
    from .schedule_message import ScheduleMessage, ScheduleRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedRequest:
    """The result of a request that was accepted.

    Attributes:
        message_id: The id of the request's message.
        repeated: Whether the request was accepted before, with the same key.
    """

    message_id: MessageId
    repeated: bool = False


ScheduleOutcome: TypeAlias = AcceptedRequest | PostdateError
"""The result of a request: it was accepted, or refused with this error."""


class ScheduleMessages:
    """Schedules many messages together. One refused request does not affect the rest."""

    def __init__(
        self,
        schedule_message: ScheduleMessage,
        store: MessageStore,
        writer: MessageWriter,
        ids: IdGenerator,
        channels: Channels,
        doorbell: Doorbell,
        clock: Clock,
        events: EventRecorder,
    ) -> None:
        self._schedule_message = schedule_message
        self._store = store
        self._writer = writer
        self._ids = ids
        self._channels = channels
        self._doorbell = doorbell
        self._clock = clock
        self._events = events

    async def schedule_once(self, request: ScheduleRequest, key: RequestKey) -> tuple[Message, bool]:
        """Schedules the message of a key's first request. Returns it in its present state, and whether it existed.

        A request that is repeated with its key within 24 hours makes one message, also if the repetitions come at
        the same time.

        Raises:
            KeyReusedError: The key belongs to another request.
            MessageForgottenError: The message is no longer stored.
            PostdateError: Any error of `ScheduleMessage`.
        """
        (outcome,) = await self([request], {0: key})
        if isinstance(outcome, PostdateError):
            raise outcome
        message = await self._store.get(outcome.message_id)
        if message is None:
            raise MessageForgottenError(outcome.message_id)
        return message, outcome.repeated

    async def __call__(
        self, requests: Sequence[ScheduleRequest], keys: Mapping[int, RequestKey]
    ) -> Sequence[ScheduleOutcome]:
        """Schedules the messages of many requests.

        Args:
            requests: The requests.
            keys: The keys of the requests that have one, by the index of the request.

        Returns:
            The outcome of each request, in their order. Within a partition, the ids of new messages have the same
            order.
        """
        now = self._clock.now()
        outcomes: list[ScheduleOutcome] = []
        messages: dict[int, Message] = {}
        refused = await self._refused_destinations(requests)
        for index, request in enumerate(requests):
            made = refused.get(request.to) or self._make_message(request, now, keyed=index in keys)
            if isinstance(made, PostdateError):
                outcomes.append(made)
            else:
                messages[index] = made
                outcomes.append(AcceptedRequest(message_id=made.id))
        for index, outcome in (await self._store_all(messages, keys)).items():
            outcomes[index] = outcome
        return outcomes

    async def _refused_destinations(self, requests: Sequence[ScheduleRequest]) -> Mapping[str, PostdateError]:
        destinations = list({request.to for request in requests})
        errors = await asyncio.gather(*(self._destination_error(to) for to in destinations))
        return {to: error for to, error in zip(destinations, errors, strict=True) if error is not None}

    async def _destination_error(self, to: str) -> PostdateError | None:
        try:
            await self._channels.check(to)
        except PostdateError as error:
            return error
        return None

    def _make_message(self, request: ScheduleRequest, now: datetime, *, keyed: bool) -> Message | PostdateError:
        try:
            return request.to_message(self._ids.next(now, KEYED_PARTITION if keyed else None), now)
        except PostdateError as error:
            return error

    async def _store_all(
        self, messages: Mapping[int, Message], keys: Mapping[int, RequestKey]
    ) -> Mapping[int, ScheduleOutcome]:
        """Stores the messages with and without a key at the same time. Returns the outcomes by index."""
        keyed = {index: message for index, message in messages.items() if index in keys}
        plain = {index: message for index, message in messages.items() if index not in keys}
        stored_plain, stored_keyed = await asyncio.gather(self._store_plain(plain), self._store_keyed(keyed, keys))
        return {**stored_plain, **stored_keyed}

    async def _store_plain(self, messages: Mapping[int, Message]) -> Mapping[int, ScheduleOutcome]:
        if not messages:
            return {}
        try:
            stored = await self._schedule_message.store(list(messages.values()))
        except PostdateError as error:
            return dict.fromkeys(messages, error)
        self._events.record(MessagesScheduled(tuple(stored)))
        return {
            index: AcceptedRequest(message_id=message.id) for index, message in zip(messages, stored, strict=True)
        }

    async def _store_keyed(
        self, messages: Mapping[int, Message], keys: Mapping[int, RequestKey]
    ) -> Mapping[int, ScheduleOutcome]:
        """Stores the messages whose keys are free. A message whose id is taken already gets a new id."""
        outcomes: dict[int, ScheduleOutcome] = {}
        while messages:
            group = [KeyedMessage(message=message, key=keys[index]) for index, message in messages.items()]
            try:
                added = await self._writer.add_keyed(group)
            except PostdateError as error:
                return {**outcomes, **dict.fromkeys(messages, error)}
            if added.next_due_moved_up:
                self._doorbell.ring(added.next_due_moved_up)
            answers = dict(zip(messages, added.answers, strict=True))
            self._record_stored(messages, answers)
            outcomes |= {
                index: _outcome(messages[index], keys[index], answer)
                for index, answer in answers.items()
                if answer is not KeyResult.ID_TAKEN
            }
            messages = {
                index: replace(message, id=self._ids.next(message.created_at, KEYED_PARTITION))
                for index, message in messages.items()
                if answers[index] is KeyResult.ID_TAKEN
            }
        return outcomes

    def _record_stored(
        self, messages: Mapping[int, Message], answers: Mapping[int, KeyResult | KeyHolder]
    ) -> None:
        stored = tuple(messages[index] for index, answer in answers.items() if answer is KeyResult.STORED)
        if stored:
            self._events.record(MessagesScheduled(stored))


def _outcome(message: Message, key: RequestKey, answer: KeyResult | KeyHolder) -> ScheduleOutcome:
    if not isinstance(answer, KeyHolder):
        return AcceptedRequest(message_id=message.id)
    if answer.fingerprint != key.fingerprint:
        return KeyReusedError(key.key, answer.message_id)
    return AcceptedRequest(message_id=answer.message_id, repeated=True)
