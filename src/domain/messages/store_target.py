"""Store targets: streams, lists and channels of the store itself that a message can be published to.

The store publishes the message in the same step that settles it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ..errors import InvalidDestinationError

RESERVED_PREFIX = "postdate:"
"""The prefix of Postdate's own keys. No target may have it."""
MAX_NAME_BYTES = 512
_MAX_LENGTH = re.compile(r"maxlen=([1-9][0-9]{0,8})")


class StoreTargetKind(StrEnum):
    """The kind of a target. Its value is also the scheme of the destination."""

    STREAM = "stream"
    LIST = "list"
    PUBSUB = "pubsub"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTarget:
    """A stream, a list or a pub/sub channel of the store.

    Attributes:
        kind: Which of the three it is.
        name: The key of the stream or list, or the name of the channel.
        max_length: About how many entries a stream keeps. `None`: all.
    """

    kind: StoreTargetKind
    name: str
    max_length: int | None = None

    @property
    def place(self) -> str:
        """The kind and the name, such as `stream:orders`: the destination without its options."""
        return f"{self.kind}:{self.name}"


def store_target_of(to: str) -> StoreTarget | None:
    """Returns the store target that a destination names. `None`: its scheme is another one.

    The forms are `stream:NAME`, `stream:NAME?maxlen=N`, `list:NAME` and `pubsub:NAME`.

    Raises:
        InvalidDestinationError: The scheme is that of a store target, but the rest is not valid.
    """
    scheme, _, name = to.partition(":")
    if scheme not in _SCHEMES:
        return None
    kind, max_length = StoreTargetKind(scheme), None
    if kind is StoreTargetKind.STREAM and "?" in name:
        name, _, option = name.rpartition("?")
        max_length = _parse_max_length(option)
    _require_valid_name(name)
    return StoreTarget(kind=kind, name=name, max_length=max_length)


_SCHEMES = frozenset(StoreTargetKind)


def _parse_max_length(option: str) -> int:
    found = _MAX_LENGTH.fullmatch(option)
    if found is None:
        raise InvalidDestinationError("has an option that is not maxlen=N, a number from 1 to 999999999")
    return int(found[1])


def _require_valid_name(name: str) -> None:
    if not name or len(name.encode(errors="replace")) > MAX_NAME_BYTES:
        raise InvalidDestinationError(f"must have a name of 1 to {MAX_NAME_BYTES} bytes after the colon")
    if name.startswith(RESERVED_PREFIX):
        raise InvalidDestinationError(f"begins with {RESERVED_PREFIX}, which is reserved for Postdate's own keys")
