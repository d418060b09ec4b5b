"""Limits on what a client may send."""

from __future__ import annotations

from datetime import timedelta

MAX_ATTEMPTS = 1_000
MAX_RETRY_WAIT = timedelta(days=365)
MAX_LABELS = 32
MAX_LABEL_CHARS = 128
MAX_DESTINATION_CHARS = 2_048
MAX_KEY_CHARS = 255
MAX_ARRAY_ITEMS = 10_000
"""The most messages in one JSON array. A stream of lines may have any number."""
