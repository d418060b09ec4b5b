"""The command `deliver-due` as a program of its own: it delivers and serves no HTTP."""

from __future__ import annotations

import sys

from .cli.commands.deliver_due import command
from .cli.main import main as run_command


def main() -> int:
    """Runs `deliver-due` and returns its exit code."""
    return run_command(command=command)


if __name__ == "__main__":
    sys.exit(main())
