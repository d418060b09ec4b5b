from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dependency_injector import providers
from dependency_injector.errors import Error

from postdate.adapters.embedded import EmbeddedServer
from postdate.adapters.memory.event_recorder import MemoryEventRecorder
from postdate.application.delivery.deliver_due_messages import DeliverDueMessages
from postdate.application.delivery.delivery_loop import DeliveryLoop
from postdate.domain.errors import ConfigurationError
from postdate.domain.lease import Partition
from postdate.entrypoints.container import Container
from postdate.entrypoints.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

WITH_OWN_STORE = Settings(data_dir=Path("/nowhere"))
WITH_REDIS = Settings(redis_url="redis://host", partitions=3)
ARGUMENTS: Mapping[str, tuple[Any, ...]] = {
    "delivery_loop": (Partition(0),),
    "planning_loop": (Partition(0), bool),
    "partition_worker": (Partition(0),),
}


@pytest.mark.parametrize("settings", [WITH_OWN_STORE, WITH_REDIS], ids=["embedded", "redis"])
@pytest.mark.parametrize("name", sorted(Container.providers))
async def test_every_provider_builds(name: str, settings: Settings) -> None:
    provider = Container(settings=settings).providers[name]
    built = provider(*ARGUMENTS.get(name, ()))
    assert built is not None or (name == "embedded" and settings.redis_url)


def test_a_container_without_settings_builds_nothing() -> None:
    with pytest.raises(Error, match="settings"):
        Container().keys()


async def test_objects_with_state_are_shared() -> None:
    container = Container(settings=WITH_REDIS)
    shared = set(container.providers) - {"settings", *ARGUMENTS}
    assert [name for name in shared if not isinstance(container.providers[name], providers.Singleton)] == []
    assert container.delivery_loop(Partition(0)) is not container.delivery_loop(Partition(0))


async def test_two_containers_share_nothing() -> None:
    one, other = Container(settings=WITH_REDIS), Container(settings=WITH_REDIS)
    assert one.redis() is not other.redis()
    assert one.store() is not other.store()


def test_the_store_is_embedded_if_no_url_is_set() -> None:
    embedded = Container(settings=WITH_OWN_STORE).embedded()
    assert isinstance(embedded, EmbeddedServer)
    assert embedded.url == "unix:///nowhere/valkey.sock"
    assert Container(settings=WITH_REDIS).embedded() is None


def test_there_are_as_many_partitions_as_set() -> None:
    assert list(Container(settings=WITH_REDIS).partitions()) == [0, 1, 2]


async def test_an_override_replaces_an_adapter_for_all_its_users() -> None:
    container, events = Container(settings=WITH_REDIS), MemoryEventRecorder()
    container.events.override(providers.Object(events))
    assert container.events() is events
    assert isinstance(container.deliver_due_messages(), DeliverDueMessages)
    assert isinstance(container.delivery_loop(Partition(0)), DeliveryLoop)


def test_a_malformed_url_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="POSTDATE_REDIS_URL"):
        Container(settings=Settings(redis_url="http://host")).redis()
