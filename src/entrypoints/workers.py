"""Several worker processes on one port."""

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
    """Runs this same command in that many processes at one IP address; returns the exit code when all have ended.

    A signal to stop is passed on. If a worker ends by itself, the others are stopped as well, so that whoever
    started the service sees it end and starts it anew, whole. If this process is killed, they stop by themselves.
    """
    group = _Workers()
    for number in STOP_SIGNALS:
        signal.signal(number, group.pass_on)
    group.start(count, address)
    return group.wait()


class _Workers:
    def __init__(self) -> None:
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._stopping = False

    def start(self, count: int, address: str) -> None:
        # Nobody writes to it: that we hold the other end says that we live, and we cannot fail to let go of it.
        lifeline, self._our_end = os.pipe()
        arguments = _arguments_of_a_worker(sys.argv[1:], address, lifeline)
        command = [sys.executable, "-m", "postdate.entrypoints.cli", *arguments]
        for _ in range(count):
            # Its own session: a terminal's Ctrl-C reaches it once, through us, and not twice.
            process = subprocess.Popen(command, start_new_session=True, pass_fds=[lifeline])  # noqa: S603  # ours
            self._processes[process.pid] = process
            if self._stopping:
                return self.pass_on(signal.SIGTERM, None)
        return None

    def pass_on(self, number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        for pid in list(self._processes):
            # Not `Popen.send_signal`: it would reap a worker that has just ended, and `wait` would miss it.
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
            if self._stopping and -process.returncode in STOP_SIGNALS:
                continue  # it was asked to stop before it could listen
            code = code or abs(process.returncode)
            if not self._stopping:
                code = code or 1
                self.pass_on(signal.SIGTERM, None)
        return code


def _arguments_of_a_worker(arguments: list[str], address: str, lifeline: int) -> list[str]:
    """Returns the arguments with others for the host and the number of workers; the last one given counts."""
    return [*arguments, "--host", address, "--workers", "1", "--lifeline", str(lifeline)]
