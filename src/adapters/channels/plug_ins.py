"""The channels that other packages provide, found by their entry points."""

from __future__ import annotations

import logging
import re
from importlib import metadata
from typing import TYPE_CHECKING

from ...application.ports.channel_factory import ChannelContext
from .error_reason import reason_of
from .lazy import LazyChannel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from importlib.metadata import Distribution, EntryPoint

    from ...application.ports.clock import Clock
    from ...application.ports.delivery_channel import DeliveryChannel

logger = logging.getLogger("postdate.channels")

GROUP = "postdate.channels"
"""The group of the entry points: the name of each is a scheme, its object a `ChannelFactory`."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")


def plug_ins(
    environment: Mapping[str, str],
    clock: Clock,
    taken: Collection[str],
    distributions: Callable[[], Iterable[Distribution]] = metadata.distributions,
) -> Mapping[str, DeliveryChannel]:
    """Returns the channels of all installed packages by their schemes. None of their code is imported yet.

    What is wrong with a package is logged, and costs its own channels at most: one whose metadata cannot be read,
    a scheme that is no lower-case URI scheme, one that is taken, or that another package provides, too. Of two
    packages, the one whose name sorts first provides it.

    Args:
        environment: the variables of the process.
        clock: the clock of the service.
        taken: the schemes that are no plug-in's to provide.
        distributions: finds the installed packages; of several of a name, the first counts.
    """
    channels: dict[str, DeliveryChannel] = {}
    for provider, entry in _entries(distributions()):
        scheme = entry.name
        fault = _fault(scheme, taken, channels)
        if fault is None:
            context = ChannelContext(scheme=scheme, environment=environment, clock=clock)
            channels[scheme] = LazyChannel(f"{entry.value} of {provider}", entry.load, context)
        else:
            logger.error("a plug-in is ignored", extra={"plug_in": provider, "scheme": scheme, "reason": fault})
    return channels


def _fault(scheme: str, taken: Collection[str], channels: Mapping[str, DeliveryChannel]) -> str | None:
    if not _SCHEME.fullmatch(scheme):
        return "its name is no scheme: a lower-case letter, then letters, digits, +, . and -"
    if scheme in taken:
        return "Postdate itself has a channel of this scheme"
    if scheme in channels:
        return "another plug-in provides this scheme"
    return None


def _entries(distributions: Iterable[Distribution]) -> Iterator[tuple[str, EntryPoint]]:
    """Yields the entry points of the group with the name of their package, by that name."""
    found: dict[str, list[EntryPoint]] = {}
    for distribution in distributions:
        try:
            # Most packages have none, and to parse theirs would cost most of the time.
            if GROUP in (distribution.read_text("entry_points.txt") or ""):
                found.setdefault(_name(distribution), list(distribution.entry_points.select(group=GROUP)))
        except Exception as error:  # noqa: BLE001  # a package that is broken must not keep Postdate from its work
            logger.error(  # noqa: TRY400  # its trace would tell of importlib alone
                "a plug-in cannot be read",
                extra={"plug_in": str(getattr(distribution, "_path", "?")), "reason": reason_of(error)},
            )
    for name in sorted(found):
        for entry in found[name]:
            yield name, entry


def _name(distribution: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
