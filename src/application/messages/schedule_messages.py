"""The use case that accepts many messages, or messages whose clients make sure that they count once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from ...domain.errors import KeyReusedError, MessageForgottenError, PostdateError
from ...domain.messages.request_key import KEYED_PARTITION
from ..events.events import MessagesScheduled
from ..ports.message_writer import KeyedMessage, KeyHolder, KeyResult
from .schedule_message import message_from_request

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

    _Keys: TypeAlias = Mapping[int, RequestKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A request that counts.

    Attributes:
        message_id: its message.
        repeated: whether it was accepted before, under the same key.
    """

    message_id: MessageId
    repeated: bool = False


ScheduleOutcome: TypeAlias = Scheduled | PostdateError


class ScheduleMessages:
    """Accepts messages together. What one of them is refused for is no matter of the others."""

    def __init__(
        self,
        schedule: ScheduleMessage,
        store: MessageStore,
        writer: MessageWriter,
        ids: IdGenerator,
        channels: Channels,
        doorbell: Doorbell,
        clock: Clock,
        events: EventRecorder,
    ) -> None:
        self._schedule = schedule
        self._store = store
        self._writer = writer
        self._ids = ids
        self._channels = channels
        self._doorbell = doorbell
        self._clock = clock
        self._events = events

    async def once(self, request: ScheduleRequest, key: RequestKey) -> tuple[Message, bool]:
        """Returns the message of the key's first request, as it is now, and whether it was there before.

        However often, and however much at the same time, a request is sent within 24 hours, it makes one message.

        Raises:
            KeyReusedError: the key belongs to another request.
            MessageForgottenError: the message is kept no longer.
            PostdateError: as for `ScheduleMessage`.
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
        """Returns what became of each request, in order; in each partition ids have that order too.

        Args:
            requests: what is asked for.
            keys: the keys of those requests that have one, by their place.
        """
        now = self._clock.now()
        outcomes: list[ScheduleOutcome] = []
        messages: dict[int, Message] = {}
        refused = await self._refused_destinations(requests)
        for place, request in enumerate(requests):
            made = refused.get(request.to) or self._accepted(request, now, keyed=place in keys)
            if isinstance(made, PostdateError):
                outcomes.append(made)
            else:
                messages[place] = made
                outcomes.append(Scheduled(message_id=made.id))
        await self._store_all(messages, keys, outcomes)
        return outcomes

    async def _refused_destinations(self, requests: Sequence[ScheduleRequest]) -> Mapping[str, PostdateError]:
        destinations = list({request.to for request in requests})
        answers = await asyncio.gather(*(self._refused(to) for to in destinations))
        return {to: answer for to, answer in zip(destinations, answers, strict=True) if answer is not None}

    async def _refused(self, to: str) -> PostdateError | None:
        try:
            await self._channels.check(to)
        except PostdateError as error:
            return error
        return None

    def _accepted(self, request: ScheduleRequest, now: datetime, *, keyed: bool) -> Message | PostdateError:
        try:
            return message_from_request(request, now, self._ids.next(now, KEYED_PARTITION if keyed else None))
        except PostdateError as error:
            return error

    async def _store_all(
        self, messages: Mapping[int, Message], keys: _Keys, outcomes: list[ScheduleOutcome]
    ) -> None:
        """Stores what has a key and what has none, at the same time, and writes down what became of each."""
        keyed = {place: message for place, message in messages.items() if place in keys}
        plain = {place: message for place, message in messages.items() if place not in keys}
        for group in await asyncio.gather(self._store_plain(plain), self._store_keyed(keyed, keys)):
            for place, outcome in group.items():
                outcomes[place] = outcome

    async def _store_plain(self, messages: Mapping[int, Message]) -> Mapping[int, ScheduleOutcome]:
        if not messages:
            return {}
        try:
            stored = await self._schedule.store(list(messages.values()))
        except PostdateError as error:
            return dict.fromkeys(messages, error)
        self._events.record(MessagesScheduled(tuple(stored)))
        return {place: Scheduled(message_id=message.id) for place, message in zip(messages, stored, strict=True)}

    async def _store_keyed(self, messages: Mapping[int, Message], keys: _Keys) -> Mapping[int, ScheduleOutcome]:
        """Stores messages whose keys are free, under other ids where another generator has made the same."""
        outcomes: dict[int, ScheduleOutcome] = {}
        while messages:
            group = [KeyedMessage(message=message, key=keys[place]) for place, message in messages.items()]
            try:
                added = await self._writer.add_keyed(group)
            except PostdateError as error:
                return {**outcomes, **dict.fromkeys(messages, error)}
            if added.next_due_moved_up:
                self._doorbell.ring(added.next_due_moved_up)
            answers = dict(zip(messages, added.answers, strict=True))
            self._record_new(messages, answers)
            outcomes |= {
                place: _outcome(messages[place], keys[place], answer)
                for place, answer in answers.items()
                if answer is not KeyResult.ID_TAKEN
            }
            messages = {
                place: replace(message, id=self._ids.next(message.created_at, KEYED_PARTITION))
                for place, message in messages.items()
                if answers[place] is KeyResult.ID_TAKEN
            }
        return outcomes

    def _record_new(self, messages: Mapping[int, Message], answers: Mapping[int, KeyResult | KeyHolder]) -> None:
        new = tuple(messages[place] for place, answer in answers.items() if answer is KeyResult.STORED)
        if new:
            self._events.record(MessagesScheduled(new))


def _outcome(message: Message, key: RequestKey, answer: KeyResult | KeyHolder) -> ScheduleOutcome:
    if not isinstance(answer, KeyHolder):
        return Scheduled(message_id=message.id)
    if answer.fingerprint != key.fingerprint:
        return KeyReusedError(key.key, answer.message_id)
    return Scheduled(message_id=answer.message_id, repeated=True)
