"""The store targets that may be written to."""

from __future__ import annotations

from ..domain.messages.store_target import StoreTargetKind

_SCHEMES = tuple(f"{kind}:" for kind in StoreTargetKind)


def parse_places(text: str) -> tuple[str, ...]:
    """Parses comma-separated patterns such as `stream:orders-*`.

    Raises:
        ValueError: A pattern does not begin with the scheme of a store target, or has no name after it.
    """
    return tuple(_parse(part.strip()) for part in text.split(","))


def _parse(pattern: str) -> str:
    if not pattern.startswith(_SCHEMES) or pattern in _SCHEMES:
        raise ValueError(f"has an entry that is no pattern such as stream:orders-*: {pattern!r:.80}")
    return pattern
