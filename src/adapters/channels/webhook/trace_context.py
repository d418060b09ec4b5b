"""The trace that an attempt belongs to (W3C Trace Context)."""

from __future__ import annotations

import re
from hashlib import blake2b

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_TRACE_BYTES, _SPAN_BYTES = 16, 8


def traceparent_of(message_id: str, attempt: int, given: str | None) -> str:
    """Returns the `traceparent` of an attempt: each attempt is a span of its own in the trace of the message.

    A valid `traceparent` of the message decides the trace. Otherwise the trace is derived from the message's id,
    so all attempts are in the same trace, whichever instance makes them.

    Args:
        message_id: The id of the message.
        attempt: The number of the attempt; the first is 1.
        given: The `traceparent` that the client sent with the message, if any.
    """
    parent = _TRACEPARENT.fullmatch(given) if given else None
    if parent and parent[1].strip("0") and parent[2].strip("0"):
        trace, flags = parent[1], parent[3]
    else:
        trace, flags = _digest(message_id, _TRACE_BYTES), "00"
    return f"00-{trace}-{_digest(f'{message_id}/{attempt}', _SPAN_BYTES)}-{flags}"


def _digest(text: str, size_bytes: int) -> str:
    return blake2b(text.encode(), digest_size=size_bytes).hexdigest()
