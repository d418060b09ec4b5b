from __future__ import annotations

from itertools import product

import pytest

from postdate.domain.messages.status import Status

LEGAL = {
    (Status.SCHEDULED, Status.DELIVERING),
    (Status.SCHEDULED, Status.CANCELLED),
    (Status.SCHEDULED, Status.EXPIRED),
    (Status.DELIVERING, Status.SCHEDULED),
    (Status.DELIVERING, Status.DELIVERED),
    (Status.DELIVERING, Status.DEAD),
    (Status.DELIVERING, Status.EXPIRED),
    (Status.DEAD, Status.SCHEDULED),
}


@pytest.mark.parametrize(("status", "wanted"), list(product(Status, Status)))
def test_a_status_becomes_another_only_if_that_is_legal(status: Status, wanted: Status) -> None:
    assert status.may_become(wanted) == ((status, wanted) in LEGAL)


@pytest.mark.parametrize("status", Status)
def test_a_message_has_ended_unless_it_waits_or_is_being_delivered(status: Status) -> None:
    assert status.ended == (status not in {Status.SCHEDULED, Status.DELIVERING})
