"""The port behind console deliveries: a logger that the user may inject."""

from __future__ import annotations

from typing import Protocol


class DeliveryLog(Protocol):
    """Where console deliveries are written. Any object with these two methods can be used.

    Both methods may block. They are called in a thread of their own, one call at a time, in the order of delivery.
    """

    def log(self, message: str) -> None:
        """Writes one delivered message. The text contains no line break.

        The message counts as delivered when this method returns, so the written text must survive the end of the
        process. An exception makes the delivery fail, and it is tried again.
        """
        ...

    def error(self, message: str) -> None:
        """Writes one line about a failed delivery."""
        ...
