"""Verifies signatures of the Standard Webhooks specification."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
import time
from base64 import b64decode
from datetime import timedelta
from typing import TYPE_CHECKING

from .errors import InvalidHeadersError, StaleError, WrongSignatureError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TOLERANCE = timedelta(minutes=5)
_PREFIX = "whsec_"
_VERSION = "v1"
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secrets: str | Sequence[str],
    *,
    now: float | None = None,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Returns the id of a message if the request is genuine and fresh. All attempts have the same id.

    Args:
        headers: The headers of the request; the case of their names does not matter.
        body: The bytes of the body as they were received, not parsed and encoded again.
        secrets: The secrets `whsec_…`, comma-separated or as a sequence. One of them must verify the signature;
            with several, a secret can be replaced without an interruption.
        now: The present time in seconds since 1970; by default, the clock of this machine.
        tolerance: The maximum age of a signature, and the maximum time in the future.

    Raises:
        InvalidHeadersError: A header is missing or invalid.
        WrongSignatureError: No secret verifies the signature.
        StaleError: The signature is genuine, but too old or in the future.
        ValueError: A secret is invalid, or there is none.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp, signatures = (
        _header(given, f"webhook-{name}") for name in ("id", "timestamp", "signature")
    )
    if not _TIMESTAMP.fullmatch(timestamp):
        raise InvalidHeadersError("webhook-timestamp is not a number of seconds")
    signed = b".".join((message_id.encode("utf-8", "surrogateescape"), timestamp.encode(), body))
    if not _is_signed(signed, signatures, _decode_keys(secrets)):
        raise WrongSignatureError("no known secret verifies the signature of this body")
    if abs((time.time() if now is None else now) - int(timestamp)) > tolerance.total_seconds():
        raise StaleError(f"the request was signed at {timestamp}, which is not within {tolerance} of now")
    return message_id


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if not value:
        raise InvalidHeadersError(f"{name} is missing")
    return value


def _decode_keys(secrets: str | Sequence[str]) -> list[bytes]:
    """Returns the keys of the secrets. An empty key is refused, since anybody could sign with it."""
    texts = secrets.split(",") if isinstance(secrets, str) else secrets
    keys = []
    for text in texts:
        encoded = text.strip().removeprefix(_PREFIX)
        try:
            key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not key:
            raise ValueError("a secret is not whsec_ and Base64")
        keys.append(key)
    if not keys:
        raise ValueError("there is no secret")
    return keys


def _is_signed(signed: bytes, signatures: str, keys: Sequence[bytes]) -> bool:
    """Compares every pair of signature and key, so that the time it takes reveals nothing."""
    expected = [hmac.digest(key, signed, hashlib.sha256) for key in keys]
    found = False
    for signature in signatures.split():
        version, _, encoded = signature.partition(",")
        try:
            digest = b64decode(encoded, validate=True) if version == _VERSION else b""
        except (binascii.Error, ValueError):
            continue
        for other in expected:
            found |= hmac.compare_digest(digest, other)
    return found
