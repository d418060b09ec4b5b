"""The use cases that look at many messages, over a store in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postdate.adapters.memory.event_feed import MemoryEventFeed
from postdate.adapters.memory.partition_registry import MemoryPartitionRegistry
from postdate.application.bulk_change import BulkChange, CancelMessages, ReplayMessages
from postdate.application.changes import Changes
from postdate.application.forecast import ForecastMessages
from postdate.application.known_partitions import KnownPartitions
from postdate.application.list_messages import ListMessages
from postdate.application.watch_events import WatchEvents
from postdate.domain.lease import Partition
from postdate.entrypoints.http.overview import Overview

if TYPE_CHECKING:
    from datetime import tzinfo

    from postdate.application.ports.clock import Clock
    from postdate.application.ports.doorbell import Doorbell
    from postdate.application.ports.event_recorder import EventRecorder
    from postdate.application.ports.id_generator import IdGenerator
    from postdate.application.ports.message_store import MessageStore


def overview_over(  # noqa: PLR0913, PLR0917  # the world of several use cases
    store: MessageStore,
    ids: IdGenerator,
    doorbell: Doorbell,
    clock: Clock,
    events: EventRecorder,
    zone: tzinfo,
) -> Overview:
    known = KnownPartitions(MemoryPartitionRegistry(), [Partition(0)])
    listing = ListMessages(store, known)
    bulk = BulkChange(listing, Changes(store, ids, doorbell, clock, events), clock)
    return Overview(
        listing=listing,
        cancel=CancelMessages(bulk),
        replay=ReplayMessages(bulk),
        forecast=ForecastMessages(store, known, clock),
        watch=WatchEvents(MemoryEventFeed(clock), clock),
        zone=zone,
    )
