"""Several worker processes on one port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


def run_workers(count: int) -> int:
    """Runs this same command in that many processes and returns the exit code once all have ended.

    A signal to stop is passed on. If a worker ends by itself, the others are stopped as well, so that whoever
    started the service sees it end and starts it anew, whole.
    """
    group = _Workers()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, group.pass_on)
    group.start(count)
    return group.wait()


class _Workers:
    def __init__(self) -> None:
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._stopping = False

    def start(self, count: int) -> None:
        command = [sys.executable, "-m", "postdate.entrypoints.cli", *_arguments_of_a_worker(sys.argv[1:])]
        for _ in range(count):
            # Its own session: a terminal's Ctrl-C reaches it once, through us, and not twice.
            process = subprocess.Popen(command, start_new_session=True)  # noqa: S603  # our own command
            self._processes[process.pid] = process

    def pass_on(self, number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        for process in self._processes.values():
            process.send_signal(number)

    def wait(self) -> int:
        code = 0
        while self._processes:
            pid, status = os.wait()
            process = self._processes.pop(pid, None)
            if process is None:
                continue
            process.returncode = os.waitstatus_to_exitcode(status)
            code = code or abs(process.returncode)
            if not self._stopping:
                code = code or 1
                self.pass_on(signal.SIGTERM, None)
        return code


def _arguments_of_a_worker(arguments: list[str]) -> list[str]:
    """Returns the arguments without the number of workers; the last one given counts."""
    return [*arguments, "--workers", "1", "--share-port"]
