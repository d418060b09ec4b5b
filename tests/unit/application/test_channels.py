from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from postdate.application.channels import Channels
from postdate.domain.errors import InvalidDestinationError, UnknownChannelError
from tests.unit.application.world import Desk

if TYPE_CHECKING:
    from tests.unit.application.world import World


async def test_a_destination_belongs_to_the_channel_of_its_scheme(world: World) -> None:
    console, http = Desk("console", world), Desk("http", world)
    channels = Channels({"console": console, "http": http})
    assert channels.channel_for("console") is console
    assert channels.channel_for("http://example.org:80/a:b") is http


@pytest.mark.parametrize("to", ["", ":", "fax", "fax:console", "CONSOLE", "consol", " console"])
async def test_a_destination_of_another_scheme_is_refused_with_the_known_ones(world: World, to: str) -> None:
    channels = Channels({"http": Desk("http", world), "console": Desk("console", world)})
    assert channels.channel_for(to) is None
    with pytest.raises(UnknownChannelError) as caught:
        await channels.check(to)
    assert (caught.value.to, caught.value.known) == (to, ("console", "http"))


async def test_a_destination_of_a_known_scheme_is_accepted(world: World) -> None:
    await Channels({"console": Desk("console", world)}).check("console:anything")


class Choosy(Desk):
    """A channel that delivers to one destination only, and can be closed."""

    times_closed = 0

    async def check(self, to: str) -> None:
        if to != "fax:1":
            raise InvalidDestinationError("has no paper")

    async def aclose(self) -> None:
        self.times_closed += 1


async def test_a_channel_may_refuse_a_destination_itself(world: World) -> None:
    channels = Channels({"fax": Choosy("fax", world), "console": Desk("console", world)})
    await channels.check("fax:1")
    await channels.check("console:2")
    with pytest.raises(InvalidDestinationError):
        await channels.check("fax:2")


async def test_a_channel_that_can_be_closed_is_closed_once_however_many_schemes_it_serves(world: World) -> None:
    choosy = Choosy("fax", world)
    await Channels({"console": Desk("console", world), "fax": choosy, "faxes": choosy}).aclose()
    assert choosy.times_closed == 1
