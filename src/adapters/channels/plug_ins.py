"""The channels of other packages, found by their entry points."""

from __future__ import annotations

import logging
import re
from importlib import metadata
from typing import TYPE_CHECKING

from ...application.ports.channel_factory import ChannelContext
from .error_text import describe_error
from .lazy_channel import LazyChannel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from importlib.metadata import Distribution, EntryPoint

    from ...application.ports.clock import Clock
    from ...application.ports.delivery_channel import DeliveryChannel

logger = logging.getLogger("postdate.channels")

ENTRY_POINT_GROUP = "postdate.channels"
"""The group of the entry points. The name of each is a scheme, its object a `ChannelFactory`."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")


def plug_in_channels(
    environment: Mapping[str, str],
    clock: Clock,
    reserved_schemes: Collection[str],
    distributions: Callable[[], Iterable[Distribution]] = metadata.distributions,
) -> Mapping[str, DeliveryChannel]:
    """Returns the channels of all installed packages by scheme. It imports none of their code yet.

    A broken package is logged and loses its own channels only. An entry point is ignored and logged if its name
    is not a lower-case URI scheme, if the scheme is reserved, or if another package provides the scheme already.
    Of two packages, the one whose name sorts first provides the scheme.

    Args:
        environment: The environment variables of the process.
        clock: The clock of the service.
        reserved_schemes: The schemes that no plug-in may provide.
        distributions: Finds the installed packages. Of several packages with one name, the first counts.
    """
    channels: dict[str, DeliveryChannel] = {}
    for package, entry_point in _entry_points(distributions()):
        scheme = entry_point.name
        error = _scheme_error(scheme, reserved_schemes, channels)
        if error is None:
            context = ChannelContext(scheme=scheme, environment=environment, clock=clock)
            channels[scheme] = LazyChannel(f"{entry_point.value} of {package}", entry_point.load, context)
        else:
            logger.error("a plug-in is ignored", extra={"plug_in": package, "scheme": scheme, "reason": error})
    return channels


def _scheme_error(
    scheme: str, reserved_schemes: Collection[str], channels: Mapping[str, DeliveryChannel]
) -> str | None:
    if not _SCHEME.fullmatch(scheme):
        return "its name is not a scheme: a lower-case letter, then letters, digits, +, . and -"
    if scheme in reserved_schemes:
        return "Postdate itself has a channel of this scheme"
    if scheme in channels:
        return "another plug-in provides this scheme"
    return None


def _entry_points(distributions: Iterable[Distribution]) -> Iterator[tuple[str, EntryPoint]]:
    """Yields each entry point of the group with the name of its package, sorted by that name."""
    found: dict[str, list[EntryPoint]] = {}
    for distribution in distributions:
        try:
            # Most packages have no such entry point; to parse the entry points of all would take most of the time.
            if ENTRY_POINT_GROUP in (distribution.read_text("entry_points.txt") or ""):
                selected = distribution.entry_points.select(group=ENTRY_POINT_GROUP)
                found.setdefault(_normalized_name(distribution), list(selected))
        except Exception as error:  # noqa: BLE001  # a broken package must not stop Postdate
            logger.error(  # noqa: TRY400  # the traceback would show frames of importlib only
                "a plug-in cannot be read",
                extra={"plug_in": str(getattr(distribution, "_path", "?")), "reason": describe_error(error)},
            )
    for package in sorted(found):
        for entry_point in found[package]:
            yield package, entry_point


def _normalized_name(distribution: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
