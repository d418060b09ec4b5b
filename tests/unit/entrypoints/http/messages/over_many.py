"""The use cases that look at many messages, over a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postdate.adapters.memory.partition_registry import MemoryPartitionRegistry
from postdate.application.live_events.watch_events import WatchEvents
from postdate.application.messages.bulk_change import BulkChange
from postdate.application.messages.cancel_messages import CancelMessages
from postdate.application.messages.forecast_messages import ForecastMessages
from postdate.application.messages.list_messages import ListMessages
from postdate.application.messages.replay_messages import ReplayMessages
from postdate.application.storage.known_partitions import KnownPartitions
from postdate.domain.lease import Partition
from postdate.entrypoints.http.overview import Overview

if TYPE_CHECKING:
    from datetime import tzinfo

    from postdate.application.messages.update_message import MessageUpdater
    from postdate.application.ports.clock import Clock
    from postdate.application.ports.event_feed import EventFeed
    from postdate.application.ports.message_store import MessageStore


def overview_over(
    store: MessageStore, changes: MessageUpdater, clock: Clock, feed: EventFeed, zone: tzinfo
) -> Overview:
    known = KnownPartitions(MemoryPartitionRegistry(), [Partition(0)])
    listing = ListMessages(store, known)
    bulk = BulkChange(listing, changes, clock)
    return Overview(
        listing=listing,
        cancel=CancelMessages(bulk),
        replay=ReplayMessages(bulk),
        forecast=ForecastMessages(store, known, clock),
        watch=WatchEvents(feed, clock),
        zone=zone,
    )
