"""The port of the console channel: the log to which it delivers. Users can replace it."""

from __future__ import annotations

from typing import Protocol


class DeliveryLog(Protocol):
    """The log of console deliveries. Any object with these two methods can be used.

    Both methods may block: they are called in a separate thread, one call at a time, in the order of delivery.
    """

    def log(self, message: str) -> None:
        """Writes one delivered message, which contains no line break.

        The message counts as delivered when the method returns. What is written must therefore survive the end of
        the process. If the method raises an error, the delivery fails and is tried again.
        """
        ...

    def error(self, message: str) -> None:
        """Writes one line about a failed delivery."""
        ...
