"""What webhooks are signed with, as it is configured."""

from __future__ import annotations

import binascii
from base64 import b64decode

PREFIX = "whsec_"
MIN_BYTES = 16


def parse_webhook_secrets(text: str) -> tuple[str, ...]:
    """Reads secrets of the Standard Webhooks form, comma-separated; while rotating there are several.

    Raises:
        ValueError: one of them is none, or can be guessed. No secret is in the sentence.
    """
    return tuple(_read(number, entry.strip()) for number, entry in enumerate(text.split(","), start=1))


def _read(number: int, entry: str) -> str:
    encoded = entry.removeprefix(PREFIX)
    try:
        key = b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not entry.startswith(PREFIX) or len(key) < MIN_BYTES:
        msg = f"has an entry (number {number}) that is not {PREFIX} and the Base64 of at least {MIN_BYTES} bytes"
        raise ValueError(msg) from None
    return entry
