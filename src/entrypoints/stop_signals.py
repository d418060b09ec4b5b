"""The signals that stop a process, and the end of its parent process, which stops it as well."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopSignals:
    """Handles SIGTERM and SIGINT: the first one asks the process to stop, a second one ends it at once."""

    def __init__(self) -> None:
        self._is_stopping = False
        self._callbacks: list[Callable[[], object]] = []

    def listen(self) -> None:
        """Starts to handle the signals in the running event loop."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._handle, number)

    def stop_with_parent(self, pipe: int) -> None:
        """Treats the end of the parent process as a SIGTERM.

        Args:
            pipe: The reading end of a pipe. The kernel closes the writing end when the parent process ends.
        """
        loop = asyncio.get_running_loop()

        def parent_ended() -> None:
            loop.remove_reader(pipe)
            if not self._is_stopping:
                self._handle(signal.SIGTERM)

        loop.add_reader(pipe, parent_ended)

    def on_stop(self, callback: Callable[[], object]) -> None:
        """Registers a function that is called when the process is to stop; at once if that is already so."""
        self._callbacks.append(callback)
        if self._is_stopping:
            callback()

    def _handle(self, number: int) -> None:
        if self._is_stopping:
            os._exit(128 + number)
        self._is_stopping = True
        for callback in self._callbacks:
            callback()
