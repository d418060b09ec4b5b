"""Composes the objects of a process. No other module names concrete adapter classes."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import timedelta
from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from ..adapters.channels.console import ConsoleChannel
from ..adapters.channels.plug_ins import plug_in_channels
from ..adapters.channels.store_target_channel import StoreTargetChannel
from ..adapters.channels.task_queues import task_queue_channels
from ..adapters.channels.webhook import AddressPolicy, Connections, WebhookChannel
from ..adapters.cron.cron_reader import CronsimReader
from ..adapters.embedded import EmbeddedServer
from ..adapters.redis.claim_store import RedisClaimStore
from ..adapters.redis.clock import StoreClock
from ..adapters.redis.connection.client import connect
from ..adapters.redis.connection.cluster import ClusterRedis
from ..adapters.redis.doorbell import RedisDoorbell
from ..adapters.redis.event_feed import RedisEventFeed
from ..adapters.redis.keys import KeySpace
from ..adapters.redis.lease_lock import RedisLeaseLock
from ..adapters.redis.message_store import RedisMessageStore
from ..adapters.redis.message_writer import RedisMessageWriter
from ..adapters.redis.partition_registry import RedisPartitionRegistry
from ..adapters.redis.schedule_store import RedisScheduleStore
from ..adapters.redis.scripts.claim_scripts import ClaimScripts
from ..adapters.redis.scripts.lease_scripts import LeaseScripts
from ..adapters.redis.scripts.message_scripts import MessageScripts
from ..adapters.redis.scripts.schedule_scripts import ScheduleScripts
from ..adapters.redis.secret_keeper import RedisSecretKeeper
from ..adapters.redis.store_examiner import RedisStoreExaminer
from ..adapters.redis.store_targets import RedisStoreTargets
from ..adapters.system.clock import SystemClock
from ..adapters.system.delivery_log import StandardOutputLog
from ..adapters.system.event_recorder import LoggingEventRecorder
from ..adapters.system.id_generator import ShortIdGenerator
from ..adapters.system.jitter import RandomJitter
from ..application.channels import Channels
from ..application.delivery.deliver_due_messages import DeliverDueMessages
from ..application.delivery.delivery_loop import DeliveryLoop
from ..application.delivery.loop_settings import LoopSettings
from ..application.delivery.partition_supervisor import PartitionSupervisor
from ..application.delivery.partition_worker import PartitionWorker
from ..application.live_events.live_event_recorder import LiveEventRecorder
from ..application.live_events.watch_events import WatchEvents
from ..application.messages.bulk_change import BulkChange
from ..application.messages.cancel_message import CancelMessage
from ..application.messages.cancel_messages import CancelMessages
from ..application.messages.deliver_message_now import DeliverMessageNow
from ..application.messages.edit_message import EditMessage
from ..application.messages.find_message import FindMessage
from ..application.messages.forecast_messages import ForecastMessages
from ..application.messages.list_messages import ListMessages
from ..application.messages.replay_message import ReplayMessage
from ..application.messages.replay_messages import ReplayMessages
from ..application.messages.schedule_message import ScheduleMessage
from ..application.messages.schedule_messages import ScheduleMessages
from ..application.messages.update_message import MessageUpdater
from ..application.operations.check_readiness import CheckReadiness
from ..application.operations.examine_store import ExamineStore
from ..application.operations.webhook_secrets import WebhookSecrets
from ..application.schedules.create_schedule import CreateSchedule
from ..application.schedules.delete_schedule import DeleteSchedule
from ..application.schedules.edit_schedule import EditSchedule
from ..application.schedules.find_schedules import FindSchedules
from ..application.schedules.occurrences import Occurrences
from ..application.schedules.pause_schedule import PauseSchedule, ResumeSchedule
from ..application.schedules.plan_occurrences import PlanOccurrences
from ..application.schedules.planning_loop import PlanningLoop
from ..application.schedules.timetables import Timetables
from ..application.schedules.update_schedule import ScheduleUpdater
from ..application.storage.group_commit import GroupCommit
from ..application.storage.known_partitions import KnownPartitions
from ..application.storage.partition_registration import PartitionRegistration
from ..domain.lease import Partition
from ..domain.retention import Retention
from .http.use_cases import HttpOptions, UseCases
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from redis.asyncio import Redis

    from ..application.ports.claim_store import ClaimStore
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
    from ..application.ports.message_writer import MessageWriter
    from ..application.ports.partition_registry import PartitionRegistry
    from ..application.ports.schedule_store import ScheduleStore
    from ..application.ports.secret_keeper import SecretKeeper
    from ..application.ports.store_examiner import StoreExaminer
    from ..application.ports.store_targets import StoreTargets

LATENESS_OBJECTIVE_SECONDS = 10.0
"""How late the oldest due message may be before the service reports that it is not ready."""


def _instance_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


def _partitions(count: int) -> Sequence[Partition]:
    return [Partition(number) for number in range(count)]


def _embedded(settings: Settings) -> EmbeddedServer | None:
    return None if settings.redis_url else EmbeddedServer(settings.data_dir)


def _connect(settings: Settings, embedded: EmbeddedServer | None) -> Redis:
    url = settings.redis_url if embedded is None else embedded.url
    return connect(url)


def _loop_settings(settings: Settings) -> LoopSettings:
    return LoopSettings(
        lease_ttl=settings.lease_ttl,
        poll_interval=settings.poll_interval,
        drain_timeout=settings.drain_timeout,
        # A busy destination may have as many waiting as under way; that leaves room for others.
        max_in_flight=max(LoopSettings().max_in_flight, 4 * settings.concurrency),
    )


def _webhooks(settings: Settings, webhook_secrets: WebhookSecrets, clock: Clock) -> WebhookChannel:
    return WebhookChannel(
        Connections(policy=AddressPolicy(settings.webhook_allow)),
        webhook_secrets,
        clock,
        concurrency=settings.concurrency,
        timeout=settings.webhook_timeout,
    )


def _store_targets(redis: Redis, keys: KeySpace) -> RedisStoreTargets:
    return RedisStoreTargets(redis, keys, tagged=isinstance(redis, ClusterRedis))


def _channels(environment: Mapping[str, str], clock: Clock, built_in: Mapping[str, DeliveryChannel]) -> Channels:
    own = {**built_in, **task_queue_channels(environment, clock)}
    return Channels({**own, **plug_in_channels(environment, clock, own)})


def _partition_worker(
    delivery_of: Callable[[Partition], DeliveryLoop],
    planning_of: Callable[[Partition, Callable[[], bool]], PlanningLoop],
    partition: Partition,
) -> PartitionWorker:
    delivery = delivery_of(partition)
    return PartitionWorker(delivery, planning_of(partition, lambda: delivery.has_role))


def _as_clock(store_clock: StoreClock) -> Clock:
    return store_clock


def _as_recorder(live_event_recorder: LiveEventRecorder) -> EventRecorder:
    return live_event_recorder


class Container(containers.DeclarativeContainer):
    """The providers of all objects. Override a provider to replace an adapter."""

    settings = providers.Dependency(instance_of=Settings)

    embedded: providers.Provider[EmbeddedServer | None] = providers.Singleton(_embedded, settings)
    redis: providers.Provider[Redis] = providers.Singleton(_connect, settings, embedded)
    keys = providers.Singleton(KeySpace, settings.provided.namespace)
    message_scripts = providers.Singleton(MessageScripts, redis, durability=settings.provided.durability)
    claim_scripts = providers.Singleton(ClaimScripts, redis)
    lease_scripts = providers.Singleton(LeaseScripts, redis)
    store_clock: providers.Provider[StoreClock] = providers.Singleton(StoreClock, redis)

    clock: providers.Provider[Clock] = providers.Singleton(_as_clock, store_clock)
    jitter: providers.Provider[Jitter] = providers.Singleton(RandomJitter)
    ids: providers.Provider[IdGenerator] = providers.Singleton(ShortIdGenerator, settings.provided.partitions)
    feed: providers.Provider[EventFeed] = providers.Singleton(RedisEventFeed, redis, keys)
    live_event_recorder = providers.Singleton(
        LiveEventRecorder, providers.Singleton(LoggingEventRecorder), feed, clock
    )
    events: providers.Provider[EventRecorder] = providers.Singleton(_as_recorder, live_event_recorder)
    watch_events = providers.Singleton(WatchEvents, feed, clock)
    delivery_log: providers.Provider[DeliveryLog] = providers.Singleton(StandardOutputLog)
    store_targets: providers.Provider[StoreTargets] = providers.Singleton(_store_targets, redis, keys)
    retention = providers.Singleton(
        Retention, age=settings.provided.retention, count=settings.provided.retention_count
    )
    message_store: providers.Provider[MessageStore] = providers.Singleton(
        RedisMessageStore, message_scripts, keys, ids, retention
    )
    claim_store: providers.Provider[ClaimStore] = providers.Singleton(
        RedisClaimStore, claim_scripts, keys, store_targets, retention
    )
    schedule_scripts = providers.Singleton(ScheduleScripts, redis, durability=settings.provided.durability)
    schedule_store: providers.Provider[ScheduleStore] = providers.Singleton(
        RedisScheduleStore, schedule_scripts, keys, ids, retention
    )
    cron: providers.Provider[CronReader] = providers.Singleton(CronsimReader)
    registry: providers.Provider[PartitionRegistry] = providers.Singleton(RedisPartitionRegistry, redis, keys)
    partitions = providers.Singleton(_partitions, settings.provided.partitions)
    known_partitions = providers.Singleton(KnownPartitions, registry, partitions)
    redis_message_writer: providers.Provider[MessageWriter] = providers.Singleton(
        RedisMessageWriter, message_scripts, keys, ids
    )
    partition_registration = providers.Singleton(PartitionRegistration, redis_message_writer, registry, partitions)
    message_writer: providers.Provider[MessageWriter] = providers.Singleton(GroupCommit, partition_registration)
    locks: providers.Provider[LeaseLock] = providers.Singleton(RedisLeaseLock, lease_scripts, keys)
    doorbell: providers.Provider[Doorbell] = providers.Singleton(RedisDoorbell, redis, keys, clock)
    secret_keeper: providers.Provider[SecretKeeper] = providers.Singleton(RedisSecretKeeper, redis, keys)
    webhook_secrets = providers.Singleton(
        WebhookSecrets, settings.provided.webhook_secret, secret_keeper, providers.Object(secrets.token_bytes)
    )
    webhooks: providers.Provider[WebhookChannel] = providers.Singleton(_webhooks, settings, webhook_secrets, clock)
    to_store_targets = providers.Singleton(StoreTargetChannel, store_targets, ids, settings.provided.places)
    environment: providers.Provider[Mapping[str, str]] = providers.Singleton(dict, os.environ)
    channels = providers.Singleton(
        _channels,
        environment,
        clock,
        providers.Dict(
            console=providers.Singleton(ConsoleChannel, delivery_log),
            http=webhooks,
            https=webhooks,
            stream=to_store_targets,
            list=to_store_targets,
            pubsub=to_store_targets,
        ),
    )

    instance = providers.Singleton(_instance_name)
    loop_settings = providers.Singleton(_loop_settings, settings)

    schedule_message = providers.Singleton(ScheduleMessage, message_writer, ids, channels, doorbell, clock, events)
    schedule_messages = providers.Singleton(
        ScheduleMessages, schedule_message, message_store, message_writer, ids, channels, doorbell, clock, events
    )
    find_message = providers.Singleton(FindMessage, message_store, ids)
    list_messages = providers.Singleton(ListMessages, message_store, known_partitions)
    message_updater = providers.Singleton(MessageUpdater, message_store, ids, doorbell, clock, events)
    cancel_message = providers.Singleton(CancelMessage, message_updater)
    edit_message = providers.Singleton(EditMessage, message_updater, channels)
    deliver_message_now = providers.Singleton(DeliverMessageNow, message_updater)
    replay_message = providers.Singleton(ReplayMessage, message_updater)
    bulk_change = providers.Singleton(BulkChange, list_messages, message_updater, clock)
    cancel_messages = providers.Singleton(CancelMessages, bulk_change)
    replay_messages = providers.Singleton(ReplayMessages, bulk_change)
    forecast_messages = providers.Singleton(ForecastMessages, message_store, known_partitions, clock)
    check_readiness = providers.Singleton(
        CheckReadiness, claim_store, known_partitions, timedelta(seconds=LATENESS_OBJECTIVE_SECONDS)
    )
    examiner: providers.Provider[StoreExaminer] = providers.Singleton(
        RedisStoreExaminer, redis, providers.Singleton(SystemClock)
    )
    examine_store = providers.Singleton(
        ExamineStore, examiner, settings.provided.durability, strict=settings.provided.strict
    )
    deliver_due_messages = providers.Singleton(DeliverDueMessages, claim_store, channels, clock, jitter, events)
    delivery_loop = providers.Factory(
        DeliveryLoop,
        instance=instance,
        claims=claim_store,
        locks=locks,
        doorbell=doorbell,
        deliver=deliver_due_messages,
        clock=clock,
        jitter=jitter,
        events=events,
        settings=loop_settings,
    )
    timetables = providers.Singleton(Timetables, cron)
    occurrences = providers.Singleton(Occurrences, timetables, ids)
    schedule_updater = providers.Singleton(
        ScheduleUpdater, schedule_store, occurrences, ids, doorbell, clock, events
    )
    create_schedule = providers.Singleton(
        CreateSchedule,
        schedule_updater,
        occurrences,
        timetables,
        ids,
        channels,
        clock,
        partition_registration.provided.register,
    )
    find_schedules = providers.Singleton(FindSchedules, schedule_store, timetables, ids, known_partitions, clock)
    edit_schedule = providers.Singleton(EditSchedule, schedule_updater, occurrences, timetables, channels)
    pause_schedule = providers.Singleton(PauseSchedule, schedule_updater)
    resume_schedule = providers.Singleton(ResumeSchedule, schedule_updater, occurrences)
    delete_schedule = providers.Singleton(DeleteSchedule, schedule_updater)
    plan_occurrences = providers.Singleton(PlanOccurrences, schedule_store, occurrences, schedule_updater, events)
    planning_loop = providers.Factory(
        PlanningLoop, plan=plan_occurrences, clock=clock, jitter=jitter, events=events
    )
    partition_worker = providers.Factory(_partition_worker, delivery_loop.provider, planning_loop.provider)
    partition_supervisor = providers.Singleton(
        PartitionSupervisor,
        known_partitions,
        partition_worker.provider,
        clock,
        events,
        settings.provided.poll_interval,
    )
    use_cases = providers.Singleton(
        UseCases,
        schedule_message=schedule_message,
        schedule_messages=schedule_messages,
        find_message=find_message,
        list_messages=list_messages,
        edit_message=edit_message,
        cancel_message=cancel_message,
        deliver_message_now=deliver_message_now,
        replay_message=replay_message,
        cancel_messages=cancel_messages,
        replay_messages=replay_messages,
        forecast_messages=forecast_messages,
        watch_events=watch_events,
        create_schedule=create_schedule,
        find_schedules=find_schedules,
        edit_schedule=edit_schedule,
        pause_schedule=pause_schedule,
        resume_schedule=resume_schedule,
        delete_schedule=delete_schedule,
        check_readiness=check_readiness,
    )
    http_options = providers.Singleton(
        HttpOptions,
        timezone=settings.provided.timezone,
        max_body_bytes=settings.provided.max_body_bytes,
        max_request_bytes=settings.provided.max_request_bytes,
    )
