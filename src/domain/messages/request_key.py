"""The idempotency key that makes a request count only once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ..lease import Partition

KEY_RETENTION = timedelta(hours=24)
"""How long a key belongs to its first request."""
KEYED_PARTITION = Partition(0)
"""The partition of all keys and their messages, however many partitions there are.

A key is stored in the same step as its message, and a step is atomic within one partition only.
"""
FINGERPRINT_BYTES = 16
"""The length of a fingerprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """An idempotency key with the fingerprint of its request.

    Attributes:
        key: The text that the client chose.
        fingerprint: A hash of the request as the client sent it. The same request always has the same one.
    """

    key: str
    fingerprint: bytes
