"""The composition: the only module that names concrete classes."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import timedelta
from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from ..adapters.channels.console import ConsoleChannel
from ..adapters.channels.plug_ins import plug_ins
from ..adapters.channels.store_place import PlaceChannel
from ..adapters.channels.task_queues import task_queues
from ..adapters.channels.webhook import AddressPolicy, Connections, WebhookChannel
from ..adapters.cron.cron_reader import CronsimReader
from ..adapters.embedded import EmbeddedServer
from ..adapters.redis.client import connect
from ..adapters.redis.clock import StoreClock
from ..adapters.redis.cluster import ClusterRedis
from ..adapters.redis.doorbell import RedisDoorbell
from ..adapters.redis.event_feed import RedisEventFeed
from ..adapters.redis.keys import KeySpace
from ..adapters.redis.lease_lock import RedisLeaseLock
from ..adapters.redis.message_store import RedisMessageStore
from ..adapters.redis.partition_registry import RedisPartitionRegistry
from ..adapters.redis.places import RedisPlaces
from ..adapters.redis.schedule_scripts import ScheduleScripts
from ..adapters.redis.schedule_store import RedisScheduleStore
from ..adapters.redis.scripts import Scripts
from ..adapters.redis.secret_keeper import RedisSecretKeeper
from ..adapters.redis.store_examiner import RedisStoreExaminer
from ..adapters.system.clock import SystemClock
from ..adapters.system.delivery_log import StandardOutputLog
from ..adapters.system.event_recorder import LoggingEventRecorder
from ..adapters.system.id_generator import ShortIdGenerator
from ..adapters.system.jitter import RandomJitter
from ..application.bulk_change import BulkChange, CancelMessages, ReplayMessages
from ..application.cancel_message import CancelMessage
from ..application.changes import Changes
from ..application.channels import Channels
from ..application.check_readiness import CheckReadiness
from ..application.deliver_due_messages import DeliverDueMessages
from ..application.delivery_loop import DeliveryLoop, LoopPace
from ..application.edit_message import EditMessage
from ..application.examine_store import ExamineStore
from ..application.feed_recorder import FeedRecorder
from ..application.find_message import FindMessage
from ..application.forecast import ForecastMessages
from ..application.group_commit import GroupCommit
from ..application.hasten_message import HastenMessage
from ..application.known_partitions import KnownPartitions
from ..application.list_messages import ListMessages
from ..application.partition_duties import PartitionDuties
from ..application.partition_intake import PartitionIntake
from ..application.partitioned_delivery import PartitionedDelivery
from ..application.planning_loop import PlanningLoop
from ..application.replay_message import ReplayMessage
from ..application.schedule_message import ScheduleMessage
from ..application.schedule_messages import ScheduleMessages
from ..application.schedules import schedules_over
from ..application.watch_events import WatchEvents
from ..application.webhook_secrets import WebhookSecrets
from ..domain.lease import Partition
from ..domain.retention import Retention
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from redis.asyncio import Redis

    from ..application.ports.clock import Clock
    from ..application.ports.cron_reader import CronReader
    from ..application.ports.delivery_channel import DeliveryChannel
    from ..application.ports.delivery_log import DeliveryLog
    from ..application.ports.doorbell import Doorbell
    from ..application.ports.event_feed import EventFeed
    from ..application.ports.event_recorder import EventRecorder
    from ..application.ports.id_generator import IdGenerator
    from ..application.ports.jitter import Jitter
    from ..application.ports.lease_lock import LeaseLock
    from ..application.ports.message_store import MessageStore
    from ..application.ports.partition_registry import PartitionRegistry
    from ..application.ports.places import Places
    from ..application.ports.schedule_store import ScheduleStore
    from ..application.ports.secret_keeper import SecretKeeper
    from ..application.ports.store_examiner import StoreExaminer

LATENESS_OBJECTIVE_SECONDS = 10.0
"""How late the oldest due message may be before the service says that it is not ready."""


def _instance_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


def _partitions(count: int) -> Sequence[Partition]:
    return [Partition(number) for number in range(count)]


def _embedded(settings: Settings) -> EmbeddedServer | None:
    return None if settings.redis_url else EmbeddedServer(settings.data_dir)


def _connect(settings: Settings, embedded: EmbeddedServer | None) -> Redis:
    url = settings.redis_url if embedded is None else embedded.url
    return connect(url)


def _pace(settings: Settings) -> LoopPace:
    return LoopPace(
        lease_ttl=settings.lease_ttl,
        poll_interval=settings.poll_interval,
        drain=settings.drain_timeout,
        # A busy destination may have as many waiting as under way; that leaves room for others.
        capacity=max(LoopPace().capacity, 4 * settings.concurrency),
    )


def _webhooks(settings: Settings, webhook_secrets: WebhookSecrets, clock: Clock) -> WebhookChannel:
    return WebhookChannel(
        Connections(policy=AddressPolicy(settings.webhook_allow)),
        webhook_secrets,
        clock,
        concurrency=settings.concurrency,
        timeout=settings.webhook_timeout,
    )


def _places(redis: Redis, keys: KeySpace) -> RedisPlaces:
    return RedisPlaces(redis, keys, tagged=isinstance(redis, ClusterRedis))


def _channels(environment: Mapping[str, str], clock: Clock, built_in: Mapping[str, DeliveryChannel]) -> Channels:
    own = {**built_in, **task_queues(environment, clock)}
    return Channels({**own, **plug_ins(environment, clock, own)})


def _duties(
    delivery_of: Callable[[Partition], DeliveryLoop],
    planning_of: Callable[[Partition, Callable[[], bool]], PlanningLoop],
    partition: Partition,
) -> PartitionDuties:
    delivery = delivery_of(partition)
    return PartitionDuties(delivery, planning_of(partition, lambda: delivery.has_seat))


def _as_clock(store_clock: StoreClock) -> Clock:
    return store_clock


def _as_recorder(feed_recorder: FeedRecorder) -> EventRecorder:
    return feed_recorder


class Container(containers.DeclarativeContainer):
    """What is made of what. Override a provider to swap an adapter."""

    settings = providers.Dependency(instance_of=Settings)

    embedded: providers.Provider[EmbeddedServer | None] = providers.Singleton(_embedded, settings)
    redis: providers.Provider[Redis] = providers.Singleton(_connect, settings, embedded)
    keys = providers.Singleton(KeySpace, settings.provided.namespace)
    scripts = providers.Singleton(Scripts, redis, durability=settings.provided.durability)
    store_clock: providers.Provider[StoreClock] = providers.Singleton(StoreClock, redis)

    clock: providers.Provider[Clock] = providers.Singleton(_as_clock, store_clock)
    jitter: providers.Provider[Jitter] = providers.Singleton(RandomJitter)
    ids: providers.Provider[IdGenerator] = providers.Singleton(ShortIdGenerator, settings.provided.partitions)
    feed: providers.Provider[EventFeed] = providers.Singleton(RedisEventFeed, redis, keys)
    feed_recorder = providers.Singleton(FeedRecorder, providers.Singleton(LoggingEventRecorder), feed, clock)
    events: providers.Provider[EventRecorder] = providers.Singleton(_as_recorder, feed_recorder)
    watch_events = providers.Singleton(WatchEvents, feed, clock)
    delivery_log: providers.Provider[DeliveryLog] = providers.Singleton(StandardOutputLog)
    places: providers.Provider[Places] = providers.Singleton(_places, redis, keys)
    retention = providers.Singleton(
        Retention, age=settings.provided.retention, count=settings.provided.retention_count
    )
    kept: providers.Provider[MessageStore] = providers.Singleton(
        RedisMessageStore, scripts, keys, ids, places, retention
    )
    schedule_scripts = providers.Singleton(ScheduleScripts, redis, durability=settings.provided.durability)
    schedule_store: providers.Provider[ScheduleStore] = providers.Singleton(
        RedisScheduleStore, schedule_scripts, keys, ids, retention
    )
    cron: providers.Provider[CronReader] = providers.Singleton(CronsimReader)
    registry: providers.Provider[PartitionRegistry] = providers.Singleton(RedisPartitionRegistry, redis, keys)
    partitions = providers.Singleton(_partitions, settings.provided.partitions)
    known_partitions = providers.Singleton(KnownPartitions, registry, partitions)
    intake = providers.Singleton(PartitionIntake, kept, registry, partitions)
    store: providers.Provider[MessageStore] = providers.Singleton(GroupCommit, intake)
    locks: providers.Provider[LeaseLock] = providers.Singleton(RedisLeaseLock, scripts, keys)
    doorbell: providers.Provider[Doorbell] = providers.Singleton(RedisDoorbell, redis, keys, clock)
    secret_keeper: providers.Provider[SecretKeeper] = providers.Singleton(RedisSecretKeeper, redis, keys)
    webhook_secrets = providers.Singleton(
        WebhookSecrets, settings.provided.webhook_secret, secret_keeper, providers.Object(secrets.token_bytes)
    )
    webhooks: providers.Provider[WebhookChannel] = providers.Singleton(_webhooks, settings, webhook_secrets, clock)
    to_places = providers.Singleton(PlaceChannel, places, ids)
    environment: providers.Provider[Mapping[str, str]] = providers.Singleton(dict, os.environ)
    channels = providers.Singleton(
        _channels,
        environment,
        clock,
        providers.Dict(
            console=providers.Singleton(ConsoleChannel, delivery_log),
            http=webhooks,
            https=webhooks,
            stream=to_places,
            list=to_places,
            pubsub=to_places,
        ),
    )

    instance = providers.Singleton(_instance_name)
    pace = providers.Singleton(_pace, settings)

    schedule_message = providers.Singleton(ScheduleMessage, store, ids, channels, doorbell, clock, events)
    schedule_messages = providers.Singleton(
        ScheduleMessages, schedule_message, store, ids, channels, doorbell, clock, events
    )
    find_message = providers.Singleton(FindMessage, store, ids)
    list_messages = providers.Singleton(ListMessages, store, known_partitions)
    changes = providers.Singleton(Changes, store, ids, doorbell, clock, events)
    cancel_message = providers.Singleton(CancelMessage, changes)
    edit_message = providers.Singleton(EditMessage, changes, channels)
    hasten_message = providers.Singleton(HastenMessage, changes)
    replay_message = providers.Singleton(ReplayMessage, changes)
    bulk_change = providers.Singleton(BulkChange, list_messages, changes, clock)
    cancel_messages = providers.Singleton(CancelMessages, bulk_change)
    replay_messages = providers.Singleton(ReplayMessages, bulk_change)
    forecast_messages = providers.Singleton(ForecastMessages, store, known_partitions, clock)
    check_readiness = providers.Singleton(
        CheckReadiness, store, known_partitions, timedelta(seconds=LATENESS_OBJECTIVE_SECONDS)
    )
    examiner: providers.Provider[StoreExaminer] = providers.Singleton(
        RedisStoreExaminer, redis, providers.Singleton(SystemClock)
    )
    examine_store = providers.Singleton(
        ExamineStore, examiner, settings.provided.durability, strict=settings.provided.strict
    )
    deliver_due_messages = providers.Singleton(DeliverDueMessages, store, channels, clock, jitter, events)
    delivery_loop = providers.Factory(
        DeliveryLoop,
        instance=instance,
        store=store,
        locks=locks,
        doorbell=doorbell,
        deliver=deliver_due_messages,
        clock=clock,
        jitter=jitter,
        events=events,
        pace=pace,
    )
    schedules = providers.Singleton(
        schedules_over,
        store=schedule_store,
        cron=cron,
        ids=ids,
        channels=channels,
        doorbell=doorbell,
        clock=clock,
        events=events,
        partitions=known_partitions,
        prepare=intake.provided.register,
    )
    planning_loop = providers.Factory(
        PlanningLoop, plan=schedules.provided.plan, clock=clock, jitter=jitter, events=events
    )
    duties = providers.Factory(_duties, delivery_loop.provider, planning_loop.provider)
    delivery = providers.Singleton(
        PartitionedDelivery,
        known_partitions,
        duties.provider,
        clock,
        events,
        settings.provided.poll_interval,
    )
