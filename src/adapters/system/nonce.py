"""Random values that tell owners apart."""

from __future__ import annotations

import secrets


def random_nonce() -> str:
    """Returns 16 random hexadecimal digits. No two calls return the same, for all practical purposes."""
    return secrets.token_hex(8)
