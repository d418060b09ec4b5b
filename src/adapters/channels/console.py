"""The channel that prints."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

import msgspec

from ...domain.messages.outcome import Delivered, Failed, NotStarted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from ...application.ports.delivery_channel import Batch
    from ...application.ports.delivery_log import DeliveryLog
    from ...domain.ids import MessageId
    from ...domain.messages.message import Message
    from ...domain.messages.outcome import Outcome

_decode_string = msgspec.json.Decoder(str).decode
_LINE_BREAKS = str.maketrans({"\n": "\\n", "\r": "\\r"})
_DELIVERED = Delivered()
_NOT_STARTED = NotStarted()


class ConsoleChannel:
    """Writes each message as a line to the log it is given, in the order of the batches.

    It does so in one thread of its own: a reader that has stopped reading holds up the lines, but neither the
    leases nor anything else of the service.
    """

    def __init__(self, log: DeliveryLog) -> None:
        self._log = log
        self._thread = _SerialThread("postdate-console")

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Writes the whole batch, then yields all outcomes at once."""
        yield await self._thread.run(lambda: self._write(batch))

    def _write(self, batch: Batch) -> Mapping[MessageId, Outcome]:
        return {message.id: self._write_one(message, batch.may_start) for message in batch.messages}

    def _write_one(self, message: Message, may_start: Callable[[], bool]) -> Outcome:
        if not may_start():
            return _NOT_STARTED
        try:
            self._log.log(line_of(message.body))
        except Exception as error:  # noqa: BLE001  # the log is anybody's object; its fault is a failed delivery
            return self._failed(message, f"{type(error).__name__}: {error}")
        return _DELIVERED

    def _failed(self, message: Message, reason: str) -> Failed:
        try:
            self._log.error(f"message {message.id} could not be written: {reason}")
        except Exception as error:  # noqa: BLE001  # likewise
            reason = f"{reason} (and its error log failed: {error})"
        return Failed(reason=reason)


def line_of(body: bytes) -> str:
    """Returns a body as one line: a string as it is, with line breaks as escapes; other JSON as it is."""
    if not body.startswith(b'"'):
        return body.decode()
    # What was written without an escape can hold no line break either.
    if b"\\" not in body:
        return body[1:-1].decode()
    return _decode_string(body).translate(_LINE_BREAKS)


class _SerialThread:
    """Runs functions one after the other in a thread that does not keep the process from ending."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread: Thread | None = None

    async def run(self, function: Callable[[], Any]) -> Any:  # noqa: ANN401  # what the function returns
        """Returns what the function returns or raises. If the caller is cancelled, the function still runs."""
        if self._thread is None:
            self._thread = Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        ended = loop.create_future()

        def job() -> None:
            try:
                result = function()
            except BaseException as error:  # noqa: BLE001  # it is raised again where it belongs
                _post(loop, ended, ended.set_exception, error)
            else:
                _post(loop, ended, ended.set_result, result)

        self._jobs.put(job)
        return await ended

    def _work(self) -> None:
        while True:
            self._jobs.get()()


def _post(
    loop: asyncio.AbstractEventLoop, ended: asyncio.Future[Any], settle: Callable[[Any], None], value: object
) -> None:
    def settle_if_wanted() -> None:
        if not ended.done():
            settle(value)

    # A loop that is closed has nobody who waits any more.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(settle_if_wanted)
