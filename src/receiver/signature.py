"""Signatures of the Standard Webhooks specification, verified."""

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
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secrets: str | Sequence[str],
    *,
    now: float | None = None,
    tolerance: timedelta = TOLERANCE,
) -> str:
    """Returns the message's id, which is the same for all attempts, if the request is genuine and fresh.

    Args:
        headers: the request's, in whatever case.
        body: its very bytes, not what a parser made of them.
        secrets: `whsec_…`, comma-separated or as several; any of them will do, so that they can be changed.
        now: seconds since 1970; this machine's clock unless given.
        tolerance: how old a signature may be, or how far in the future.

    Raises:
        InvalidHeadersError: a header is missing, or cannot be understood.
        WrongSignatureError: no secret fits.
        StaleError: it is genuine, but too old or from the future.
        ValueError: a secret is none.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, seconds, signatures = (
        _header(given, f"webhook-{name}") for name in ("id", "timestamp", "signature")
    )
    if not _SECONDS.fullmatch(seconds):
        raise InvalidHeadersError("webhook-timestamp is no number of seconds")
    signed = b".".join((message_id.encode("utf-8", "surrogateescape"), seconds.encode(), body))
    if not _is_signed(signed, signatures, _keys(secrets)):
        raise WrongSignatureError("no signature fits the body and a known secret")
    if abs((time.time() if now is None else now) - int(seconds)) > tolerance.total_seconds():
        raise StaleError(f"it was signed at {seconds}, which is not within {tolerance} of now")
    return message_id


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if not value:
        raise InvalidHeadersError(f"{name} is missing")
    return value


def _keys(secrets: str | Sequence[str]) -> list[bytes]:
    """Returns the keys of secrets; an empty one would let everybody in."""
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
    """Looks at every pair, so that the time it takes says nothing."""
    wanted = [hmac.digest(key, signed, hashlib.sha256) for key in keys]
    found = False
    for signature in signatures.split():
        version, _, encoded = signature.partition(",")
        try:
            digest = b64decode(encoded, validate=True) if version == _VERSION else b""
        except (binascii.Error, ValueError):
            continue
        for other in wanted:
            found |= hmac.compare_digest(digest, other)
    return found
