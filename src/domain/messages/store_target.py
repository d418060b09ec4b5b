"""StoreTargets in the store itself, to which a message is handed over in the step that settles it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ..errors import InvalidDestinationError

OWN_PREFIX = "postdate:"
"""What the names of Postdate's own keys begin with."""
MAX_NAME_BYTES = 512
_MAX_LENGTH = re.compile(r"maxlen=([1-9][0-9]{0,8})")


class StoreTargetKind(StrEnum):
    """What a place is, which is also the scheme of its destination."""

    STREAM = "stream"
    LIST = "list"
    PUBSUB = "pubsub"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTarget:
    """A stream, a list, or a channel of subscribers.

    Attributes:
        kind: which of these.
        name: its key, or the channel's name.
        max_length: about how many entries of a stream are kept; `None`: all.
    """

    kind: StoreTargetKind
    name: str
    max_length: int | None = None


def store_target_of(to: str) -> StoreTarget | None:
    """Returns the place that a destination names; `None` if its scheme is none of these.

    `stream:NAME`, `stream:NAME?maxlen=N`, `list:NAME`, `pubsub:NAME`.

    Raises:
        InvalidDestinationError: the scheme is, and the rest names no place.
    """
    scheme, _, name = to.partition(":")
    if scheme not in _KINDS:
        return None
    kind, max_length = StoreTargetKind(scheme), None
    if kind is StoreTargetKind.STREAM and "?" in name:
        name, _, option = name.rpartition("?")
        found = _MAX_LENGTH.fullmatch(option)
        if found is None:
            raise InvalidDestinationError("has an option that is not maxlen=N, a number from 1 to 999999999")
        max_length = int(found[1])
    if not name or len(name.encode(errors="replace")) > MAX_NAME_BYTES:
        raise InvalidDestinationError(f"must name a place by 1 to {MAX_NAME_BYTES} bytes")
    if name.startswith(OWN_PREFIX):
        raise InvalidDestinationError(f"begins with {OWN_PREFIX}, which is for Postdate's own keys")
    return StoreTarget(kind=kind, name=name, max_length=max_length)


_KINDS = frozenset(StoreTargetKind)
