"""Runs the command `postdate` for `python -m postdate.entrypoints.cli`."""

from __future__ import annotations

import sys

from .main import main

sys.exit(main())
