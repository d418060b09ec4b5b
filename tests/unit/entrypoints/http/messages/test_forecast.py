from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from tests.unit.entrypoints.http.problem import errors_of

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service

PATH = "/v1/forecast"


async def test_a_forecast_counts_the_messages_that_come_due_in_each_step(service: Service) -> None:
    for at in ("2025-01-01", "2026-01-01T00:00:59.999Z", "2026-01-01T00:01:00Z", "2026-01-01T00:03:00Z"):
        await service.schedule({"body": 1, "at": at})
    response = await service.client.get(PATH, params={"step": "1m", "horizon": "3m"})
    assert response.status_code == HTTPStatus.OK
    assert response.json() == {
        "from": "2026-01-01T00:00:00.000Z",
        "step": "PT1M",
        "items": [
            {"at": "2026-01-01T00:00:00.000Z", "count": 2},
            {"at": "2026-01-01T00:01:00.000Z", "count": 1},
            {"at": "2026-01-01T00:02:00.000Z", "count": 0},
        ],
    }


async def test_a_forecast_covers_a_day_in_minutes_by_default(service: Service) -> None:
    forecast = (await service.client.get(PATH)).json()
    assert (forecast["step"], len(forecast["items"])) == ("PT1M", 24 * 60)


async def test_the_last_step_reaches_the_horizon(service: Service) -> None:
    forecast = (await service.client.get(PATH, params={"step": "1h", "horizon": "90m"})).json()
    assert len(forecast["items"]) == 2


async def test_no_step_begins_after_the_latest_possible_time(service: Service) -> None:
    forecast = (await service.client.get(PATH, params={"step": "900000d", "horizon": "P999999999D"})).json()
    assert [item["at"][:4] for item in forecast["items"]] == ["2026", "4490", "6954", "9418"]


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"step": "1ms"}, "step"),
        ({"step": "0s"}, "step"),
        ({"step": "PT0.0001S"}, "step"),
        ({"horizon": "0s"}, "step"),
        ({"horizon": "tomorrow"}, "horizon"),
        ({"step": "-1m"}, "step"),
        ({"label": "a"}, "label"),
    ],
)
async def test_an_error_is_a_problem_that_names_its_parameter(
    service: Service, parameters: dict[str, str], name: str
) -> None:
    assert list(errors_of(await service.client.get(PATH, params=parameters))) == [name]
