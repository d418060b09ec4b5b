from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import timedelta

import pytest

from postdate.domain.lease import Lease, Partition, Seat


def test_a_partition_has_a_watch_and_a_deputy() -> None:
    assert list(Seat) == ["watch", "deputy"]


def test_a_lease_does_not_change() -> None:
    lease = Lease(partition=Partition(0), owner="a", token=1, ttl=timedelta(seconds=2))
    with pytest.raises(FrozenInstanceError):
        lease.token = 2  # type: ignore[misc]
