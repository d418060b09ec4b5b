"""The channel that prints messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ...domain.messages.outcome import Delivered, Failed, NotStarted
from .serial_thread import SerialThread

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
    """Writes each message as one line to a delivery log, in the order of the batches.

    It writes in a thread of its own. A reader that stops reading the output delays the lines only: leases and all
    other work of the service go on.
    """

    def __init__(self, log: DeliveryLog) -> None:
        self._log = log
        self._thread = SerialThread("postdate-console")

    async def deliver(self, batch: Batch) -> AsyncGenerator[Mapping[MessageId, Outcome]]:
        """Writes the whole batch, then yields all outcomes together."""
        yield await self._thread.run(lambda: self._write(batch))

    def _write(self, batch: Batch) -> Mapping[MessageId, Outcome]:
        return {message.id: self._write_one(message, batch.may_start) for message in batch.messages}

    def _write_one(self, message: Message, may_start: Callable[[], bool]) -> Outcome:
        if not may_start():
            return _NOT_STARTED
        try:
            self._log.log(line_of(message.body))
        except Exception as error:  # noqa: BLE001  # the log is a foreign object; any error is a failed delivery
            return self._failed(message, f"{type(error).__name__}: {error}")
        return _DELIVERED

    def _failed(self, message: Message, reason: str) -> Failed:
        try:
            self._log.error(f"message {message.id} could not be written: {reason}")
        except Exception as error:  # noqa: BLE001  # likewise
            reason = f"{reason} (and its error log failed: {error})"
        return Failed(reason=reason)


def line_of(body: bytes) -> str:
    """Returns a JSON body as one line: a string without its quotes, line breaks escaped; other JSON unchanged."""
    if not body.startswith(b'"'):
        return body.decode()
    # A JSON string without an escape cannot contain a line break either.
    if b"\\" not in body:
        return body[1:-1].decode()
    return _decode_string(body).translate(_LINE_BREAKS)
