"""Builds the request of one attempt."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec

from ....domain.time.instant import to_ms, to_rfc3339
from .trace_context import traceparent_of

if TYPE_CHECKING:
    from datetime import datetime

    from ....domain.messages.message import Message
    from .signing import Signer

_JSON = "application/json"
_TEXT = "text/plain; charset=utf-8"
_TRACEPARENT = "traceparent"
_QUOTE = b'"'
_USER_AGENT = f"Postdate/{version('postdate')}"
_decode_string = msgspec.json.Decoder(str).decode


def request_body(message: Message) -> tuple[bytes, str]:
    """Returns the bytes to send and their content type: a string as plain text, other JSON unchanged.

    Raises:
        ValueError: The string cannot be encoded as UTF-8, because it contains half of a surrogate pair.
    """
    if message.body.startswith(_QUOTE):
        return _decode_string(message.body).encode(), _TEXT
    return message.body, _JSON


def request_headers(
    message: Message, body: bytes, content_type: str, signer: Signer, now: datetime
) -> dict[str, str]:
    """Returns the headers of the next attempt.

    The message's own headers replace the default ones (content type, user agent, accept). Postdate's headers and
    the signature replace those of the message.
    """
    own = dict(message.headers)
    names = {name.lower(): name for name in own}
    given_trace = own.pop(names[_TRACEPARENT]) if _TRACEPARENT in names else None
    attempt = message.attempts + 1
    defaults = {"content-type": content_type, "user-agent": _USER_AGENT, "accept": "*/*"}
    return {
        **{name: value for name, value in defaults.items() if name not in names},
        **own,
        **signer.headers(message.id, now, body),
        "accept-encoding": "identity",
        "postdate-scheduled-for": to_rfc3339(message.at),
        "postdate-attempt": str(attempt),
        "postdate-lateness-ms": str(max(to_ms(now) - to_ms(message.at), 0)),
        _TRACEPARENT: traceparent_of(message.id, attempt, given_trace),
    }
