"""Who may use the HTTP API."""

from __future__ import annotations

from dataclasses import dataclass, field
from hmac import compare_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A secret with a name.

    Attributes:
        name: what logs may call it.
        secret: what a client sends; never shown.
        may_write: whether it may do more than read.
    """

    name: str
    secret: str = field(repr=False)
    may_write: bool


def parse_api_keys(text: str) -> tuple[ApiKey, ...]:
    """Reads `name:secret[:read]`, comma-separated.

    Raises:
        ValueError: an entry is not of that form. No secret is in the sentence.
    """
    return tuple(_read(number, entry.strip()) for number, entry in enumerate(text.split(","), start=1))


def _read(number: int, entry: str) -> ApiKey:
    name, _, rest = entry.partition(":")
    secret, _, right = rest.partition(":")
    if not name or not secret or right not in ("", "read"):
        msg = f"has an entry (number {number}) that is not name:secret or name:secret:read"
        raise ValueError(msg)
    return ApiKey(name=name, secret=secret, may_write=not right)


def find_key(keys: tuple[ApiKey, ...], secret: bytes) -> ApiKey | None:
    """Returns the key with that secret. Takes the same time whichever it is, and if it is none."""
    found = None
    for key in keys:
        if compare_digest(key.secret.encode("utf-8", "surrogateescape"), secret):
            found = key
    return found
