"""The port behind a console delivery: the logger that its user injects."""

from __future__ import annotations

from typing import Protocol


class DeliveryLog(Protocol):
    """Where console deliveries are written. Any object with these two methods serves.

    Both may block: they are called from a thread of their own, one call at a time, in order of delivery.
    """

    def log(self, message: str) -> None:
        """Writes one delivered message, without a line break in it.

        When it returns, the message counts as delivered: what is written must survive the end of the process.
        Whatever it raises makes the delivery fail, so that it is tried again.
        """
        ...

    def error(self, message: str) -> None:
        """Writes one line about a delivery that failed."""
        ...
