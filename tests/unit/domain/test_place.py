from __future__ import annotations

import pytest

from postdate.domain.errors import InvalidDestinationError
from postdate.domain.place import Place, PlaceKind, place_of


@pytest.mark.parametrize(
    ("to", "place"),
    [
        ("stream:orders", Place(kind=PlaceKind.STREAM, name="orders")),
        ("stream:a:b?c?maxlen=10", Place(kind=PlaceKind.STREAM, name="a:b?c", max_length=10)),
        ("list:queue?x", Place(kind=PlaceKind.LIST, name="queue?x")),
        ("pubsub:news", Place(kind=PlaceKind.PUBSUB, name="news")),
    ],
)
def test_a_destination_names_a_place(to: str, place: Place) -> None:
    assert place_of(to) == place


@pytest.mark.parametrize("to", ["console", "console:stream:x", "https://stream:1", "streams:x", ""])
def test_other_destinations_name_none(to: str) -> None:
    assert place_of(to) is None


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
def test_what_names_no_place_is_refused(to: str) -> None:
    with pytest.raises(InvalidDestinationError):
        place_of(to)
