from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from postdate.adapters.channels.webhook.response_outcome import outcome_of_response
from postdate.domain.messages.outcome import Delivered, Failed

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
def test_a_2xx_response_is_delivered(status: int) -> None:
    assert outcome_of_response(status, "5", "detail", NOW) == Delivered(detail="detail")


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 501, 502, 503, 504, 599])
def test_a_temporary_error_is_tried_again(status: int) -> None:
    assert outcome_of_response(status, None, "detail", NOW) == Failed(
        reason=f"the receiver answered {status}", detail="detail"
    )


@pytest.mark.parametrize(
    "status", [101, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 410, 413, 422, 451]
)
def test_any_other_status_is_a_permanent_failure(status: int) -> None:
    outcome = outcome_of_response(status, "5", "detail", NOW)
    assert outcome == Failed(reason=f"the receiver answered {status}", detail="detail", permanent=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("text", ["5", "Tue, 24 Nov 2026 12:00:05 GMT"])
def test_a_receiver_may_say_when_to_try_again(status: int, text: str) -> None:
    outcome = outcome_of_response(status, text, "", NOW)
    assert isinstance(outcome, Failed)
    assert outcome.retry_after == timedelta(seconds=5)
