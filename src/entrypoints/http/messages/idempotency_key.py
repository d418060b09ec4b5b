"""Idempotency keys: where a request has its key, and what makes it the same request again."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from ....domain.messages.request_key import FINGERPRINT_BYTES, RequestKey
from ..parsing.fields import require_legible
from ..parsing.json_body import raw_headers
from ..parsing.limits import MAX_KEY_CHARS
from ..problems.request_errors import InvalidRequestError

if TYPE_CHECKING:
    from litestar import Request

    from ....application.messages.schedule_message import ScheduleRequest
    from .message_documents import NewMessage

HEADER = "Idempotency-Key"
_RAW_HEADER = HEADER.lower().encode()
_KEY = "$.key"
_encode = msgspec.json.Encoder(order="sorted").encode


def key_in(request: Request[Any, Any, Any]) -> str | None:
    """Returns the key in a request's header, without quotes around it; `None` if there is none.

    Raises:
        InvalidRequestError: there are several.
    """
    if _RAW_HEADER not in raw_headers(request):
        return None
    first, *others = request.headers.getall(HEADER)
    if others:
        raise InvalidRequestError(_KEY, f"There is more than one {HEADER} header")
    quoted = len(first) > 1 and first[0] == first[-1] == '"'
    return first[1:-1] if quoted else first


def key_of(document: NewMessage, asked: ScheduleRequest, in_header: str | None = None) -> RequestKey | None:
    """Returns a request's key, from its document or its header; `None` if it has none.

    Raises:
        InvalidRequestError: it is empty, too long or has control characters in it, or the two differ.
    """
    key = in_header if document.key is UNSET else document.key
    if key is None:
        return None
    if in_header not in (None, key):
        raise InvalidRequestError(_KEY, f"`key` and the {HEADER} header differ")
    require_legible(key, _KEY, MAX_KEY_CHARS)
    return RequestKey(key=key, fingerprint=_fingerprint_of(document, asked.body))


def _fingerprint_of(document: NewMessage, body: bytes) -> bytes:
    """Returns the same for the same request as sent, but for blanks, the order of its fields, and its key."""
    fields = msgspec.structs.asdict(document).items()
    sent = {name: value for name, value in fields if name not in {"body", "key"} and value is not UNSET}
    return blake2b(_encode(sent) + b"\n" + body, digest_size=FINGERPRINT_BYTES).digest()
