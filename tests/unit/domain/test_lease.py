from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import timedelta

import pytest

from postdate.domain.lease import Lease, Partition, Role


def test_a_partition_has_a_leader_and_a_standby() -> None:
    assert list(Role) == ["leader", "standby"]


def test_a_lease_does_not_change() -> None:
    lease = Lease(partition=Partition(0), owner="a", token=1, ttl=timedelta(seconds=2))
    with pytest.raises(FrozenInstanceError):
        lease.token = 2  # type: ignore[misc]
