from __future__ import annotations

import pytest

from postdate.domain.errors import InvalidDestinationError
from postdate.domain.messages.store_target import StoreTarget, StoreTargetKind, store_target_of


@pytest.mark.parametrize(
    ("to", "target"),
    [
        ("stream:orders", StoreTarget(kind=StoreTargetKind.STREAM, name="orders")),
        ("stream:a:b?c?maxlen=10", StoreTarget(kind=StoreTargetKind.STREAM, name="a:b?c", max_length=10)),
        ("list:queue?x", StoreTarget(kind=StoreTargetKind.LIST, name="queue?x")),
        ("pubsub:news", StoreTarget(kind=StoreTargetKind.PUBSUB, name="news")),
    ],
)
def test_a_destination_names_a_store_target(to: str, target: StoreTarget) -> None:
    assert store_target_of(to) == target


@pytest.mark.parametrize("to", ["console", "console:stream:x", "https://stream:1", "streams:x", ""])
def test_other_destinations_name_no_store_target(to: str) -> None:
    assert store_target_of(to) is None


@pytest.mark.parametrize(
    "to",
    [
        "stream",
        "stream:",
        "list:",
        "stream:?maxlen=1",
        "stream:x?maxlen=0",
        "stream:x?maxlen=-1",
        "stream:x?maxlen=1e3",
        "stream:x?length=1",
        "stream:" + "x" * 513,
        "list:postdate:{default:0}:messages",
    ],
)
def test_a_malformed_store_target_is_refused(to: str) -> None:
    with pytest.raises(InvalidDestinationError):
        store_target_of(to)
