"""The API keys: who may use the HTTP API."""

from __future__ import annotations

from dataclasses import dataclass, field
from hmac import compare_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A named secret that gives access to the HTTP API.

    Attributes:
        name: The name, which logs may show.
        secret: The secret that a client sends. It is never shown.
        may_write: Whether the key may do more than read.
    """

    name: str
    secret: str = field(repr=False)
    may_write: bool


def parse_api_keys(text: str) -> tuple[ApiKey, ...]:
    """Parses comma-separated entries of the form `name:secret[:read]`.

    Raises:
        ValueError: An entry has another form. The error shows the number of the entry and no secret.
    """
    return tuple(_parse_key(number, entry.strip()) for number, entry in enumerate(text.split(","), start=1))


def _parse_key(number: int, entry: str) -> ApiKey:
    name, _, rest = entry.partition(":")
    secret, _, right = rest.partition(":")
    if not name or not secret or right not in ("", "read"):
        msg = f"has an entry (number {number}) that is not name:secret or name:secret:read"
        raise ValueError(msg)
    return ApiKey(name=name, secret=secret, may_write=not right)


def find_key(keys: tuple[ApiKey, ...], secret: bytes) -> ApiKey | None:
    """Returns the key with this secret; `None` if no key has it.

    The time that the search takes tells nothing about the secrets: every key is compared, each in constant time.
    """
    found = None
    for key in keys:
        if compare_digest(key.secret.encode("utf-8", "surrogateescape"), secret):
            found = key
    return found
