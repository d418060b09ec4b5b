"""The key by which a client makes sure that a request counts once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ..lease import Partition

KEPT_FOR = timedelta(hours=24)
"""How long a key stands for its first request."""
HOME = Partition(0)
"""Where keys and their messages live, whatever the number of partitions.

A key is given in the step in which its message is stored, and a step is atomic within one partition only.
"""
FINGERPRINT_BYTES = 16
"""The length of a fingerprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """A key, and what its request was.

    Attributes:
        key: the client's word.
        fingerprint: the same for the same request, as it was sent.
    """

    key: str
    fingerprint: bytes
