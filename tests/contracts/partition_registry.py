"""The contract of a registry of partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postdate.domain.lease import Partition
from tests.contracts.world import FIRST, FIRST_OF_TWO_DIGITS, LAST_OF_ONE_DIGIT

if TYPE_CHECKING:
    from postdate.application.ports.partition_registry import PartitionRegistry


class PartitionRegistryContract:
    """Needs a fixture `registry: PartitionRegistry`, which is empty."""

    async def test_a_new_registry_knows_no_partition(self, registry: PartitionRegistry) -> None:
        assert await registry.known() == frozenset()

    async def test_registered_partitions_are_known(self, registry: PartitionRegistry) -> None:
        await registry.register([FIRST, FIRST_OF_TWO_DIGITS])
        assert await registry.known() == {FIRST, FIRST_OF_TWO_DIGITS}

    async def test_partitions_registered_by_others_stay_known(self, registry: PartitionRegistry) -> None:
        await registry.register([FIRST, LAST_OF_ONE_DIGIT])
        await registry.register([FIRST_OF_TWO_DIGITS])
        assert await registry.known() == {FIRST, LAST_OF_ONE_DIGIT, FIRST_OF_TWO_DIGITS}

    async def test_registering_again_changes_nothing(self, registry: PartitionRegistry) -> None:
        for _ in range(2):
            await registry.register([FIRST])
        assert await registry.known() == {FIRST}

    async def test_as_many_partitions_can_be_registered_as_can_be_configured(
        self, registry: PartitionRegistry
    ) -> None:
        many = [Partition(number) for number in range(4096)]
        await registry.register(many)
        assert await registry.known() == frozenset(many)
