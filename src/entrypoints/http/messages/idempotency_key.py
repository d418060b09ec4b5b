"""Idempotency keys: the key of a request, and the fingerprint by which a repeat is recognised."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from ....domain.messages.request_key import FINGERPRINT_BYTES, RequestKey
from ..parsing.fields import require_legible
from ..parsing.limits import MAX_KEY_CHARS
from ..problems.request_errors import InvalidRequestError

if TYPE_CHECKING:
    from litestar import Request

    from ....application.messages.schedule_message import ScheduleRequest
    from .message_documents import NewMessage

HEADER = "Idempotency-Key"
_RAW_HEADER = HEADER.lower().encode()
_PATH = "$.key"
_encode = msgspec.json.Encoder(order="sorted").encode


def idempotency_key_header(request: Request[Any, Any, Any]) -> str | None:
    """Returns the key of a request's header, without the quotes around it; `None` without the header.

    Raises:
        InvalidRequestError: The header is there more than once.
    """
    values = [value for name, value in request.scope["headers"] if name == _RAW_HEADER]
    if not values:
        return None
    if len(values) > 1:
        raise InvalidRequestError(_PATH, f"There is more than one {HEADER} header")
    key = values[0].decode("latin-1")
    is_quoted = len(key) > 1 and key[0] == key[-1] == '"'
    return key[1:-1] if is_quoted else key


def request_key_of(
    document: NewMessage, schedule_request: ScheduleRequest, header_key: str | None = None
) -> RequestKey | None:
    """Returns the key of a request, from its document or its header; `None` if it has no key.

    Raises:
        InvalidRequestError: The key is empty, too long or has control characters, or document and header differ.
    """
    key = header_key if document.key is UNSET else document.key
    if key is None:
        return None
    if header_key not in (None, key):
        raise InvalidRequestError(_PATH, f"`key` and the {HEADER} header differ")
    require_legible(key, _PATH, MAX_KEY_CHARS)
    return RequestKey(key=key, fingerprint=_fingerprint_of(document, schedule_request.body))


def _fingerprint_of(document: NewMessage, body: bytes) -> bytes:
    """Returns a hash that ignores the order of fields, white space and the key, but no other difference."""
    fields = msgspec.structs.asdict(document).items()
    sent = {name: value for name, value in fields if name not in {"body", "key"} and value is not UNSET}
    return blake2b(_encode(sent) + b"\n" + body, digest_size=FINGERPRINT_BYTES).digest()
