"""Runs several worker processes that serve one port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run_workers(count: int, address: str) -> int:
    """Runs this command in `count` processes at one IP address. Returns the exit code when all have ended.

    A signal to stop is forwarded to the workers. If a worker ends by itself, the others are stopped too: whatever
    started the service sees the whole service end and can restart it. If this process is killed, the workers stop
    by themselves.
    """
    group = _Workers()
    for number in STOP_SIGNALS:
        signal.signal(number, group.forward)
    group.start(count, address)
    return group.wait()


class _Workers:
    def __init__(self) -> None:
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._is_stopping = False

    def start(self, count: int, address: str) -> None:
        # Nothing is written to the pipe. Its writing end stays open exactly as long as this process runs, even if
        # the process is killed, so a worker sees the end of its parent as the end of the pipe.
        parent_pipe, self._writing_end = os.pipe()
        arguments = _worker_arguments(sys.argv[1:], address, parent_pipe)
        command = [sys.executable, "-m", "postdate.entrypoints.cli", *arguments]
        for _ in range(count):
            # A session of its own: Ctrl-C in the terminal reaches a worker once, from this process, and not twice.
            process = subprocess.Popen(command, start_new_session=True, pass_fds=[parent_pipe])  # noqa: S603  # ours
            self._processes[process.pid] = process
            if self._is_stopping:
                return self.forward(signal.SIGTERM, None)
        return None

    def forward(self, number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True
        for pid in list(self._processes):
            # Not `Popen.send_signal`, which would reap a worker that has just ended, so that `wait` would miss it.
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def wait(self) -> int:
        code = 0
        while self._processes:
            pid, status = os.wait()
            process = self._processes.pop(pid, None)
            if process is None:
                continue
            process.returncode = os.waitstatus_to_exitcode(status)
            if self._is_stopping and -process.returncode in STOP_SIGNALS:
                continue  # the signal came before the worker handled signals
            code = code or abs(process.returncode)
            if not self._is_stopping:
                code = code or 1
                self.forward(signal.SIGTERM, None)
        return code


def _worker_arguments(arguments: list[str], address: str, parent_pipe: int) -> list[str]:
    """Returns the arguments of a worker. Of a flag that occurs twice the last value counts."""
    return [*arguments, "--host", address, "--workers", "1", "--parent-pipe", str(parent_pipe)]
