"""Parses the setting of the secrets that sign webhooks."""

from __future__ import annotations

import binascii
from base64 import b64decode

PREFIX = "whsec_"
MIN_SECRET_BYTES = 16


def parse_webhook_secrets(text: str) -> tuple[str, ...]:
    """Parses comma-separated secrets of the Standard Webhooks form. There are several while secrets are rotated.

    Raises:
        ValueError: An entry has another form, or is short enough to be guessed. The error shows the number of the
            entry and no secret.
    """
    return tuple(_parse_secret(number, entry.strip()) for number, entry in enumerate(text.split(","), start=1))


def _parse_secret(number: int, entry: str) -> str:
    encoded = entry.removeprefix(PREFIX)
    try:
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not entry.startswith(PREFIX) or len(key) < MIN_SECRET_BYTES:
        form = f"{PREFIX} and the Base64 of at least {MIN_SECRET_BYTES} bytes"
        msg = f"has an entry (number {number}) that is not {form}"
        raise ValueError(msg) from None
    return entry
