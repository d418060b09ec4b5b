from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from postdate.application.ports.claim_store import PartitionState

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("next_due", "overdue"),
    [
        (None, None),
        (NOW + timedelta(milliseconds=1), None),
        (NOW, timedelta(0)),
        (NOW - timedelta(seconds=3), timedelta(seconds=3)),
    ],
)
def test_a_partition_state_says_how_late_the_earliest_message_is(
    next_due: datetime | None, overdue: timedelta | None
) -> None:
    assert PartitionState(now=NOW, next_due=next_due, roles={}).overdue == overdue
