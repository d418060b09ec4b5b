"""The `deliver-due` command: the delivery loop alone, for containers."""

from __future__ import annotations

import sys

from .cli.command import deliver_due
from .cli.command import main as run


def main() -> int:
    """Runs `deliver-due` and returns its exit code."""
    return run(command=deliver_due)


if __name__ == "__main__":
    sys.exit(main())
