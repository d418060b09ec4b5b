"""What handlers need that look at many messages at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from ...application.live_events.watch_events import WatchEvents
from ...application.messages.cancel_messages import CancelMessages
from ...application.messages.forecast_messages import ForecastMessages
from ...application.messages.list_messages import ListMessages
from ...application.messages.replay_messages import ReplayMessages


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One dependency instead of several, as `Intake` has it.

    Attributes:
        listing: the use case that lists.
        cancel: the use case that cancels many.
        replay: the use case that replays many.
        forecast: the use case that counts what comes.
        watch: the use case that tells what happens.
        zone: the zone of times that carry none.
    """

    listing: ListMessages
    cancel: CancelMessages
    replay: ReplayMessages
    forecast: ForecastMessages
    watch: WatchEvents
    zone: tzinfo


def overview_of(  # noqa: PLR0917  # it is told all its use cases
    listing: Callable[[], ListMessages],
    cancel: Callable[[], CancelMessages],
    replay: Callable[[], ReplayMessages],
    forecast: Callable[[], ForecastMessages],
    watch: Callable[[], WatchEvents],
    zone: tzinfo,
) -> Callable[[], Overview]:
    """Returns a provider of the overview over providers of its use cases."""

    def provide() -> Overview:
        return Overview(
            listing=listing(),
            cancel=cancel(),
            replay=replay(),
            forecast=forecast(),
            watch=watch(),
            zone=zone,
        )

    return provide
