from __future__ import annotations

from dataclasses import fields

import pytest

from postdate.entrypoints.container import Container
from postdate.entrypoints.http.use_cases import UseCases
from tests.unit.entrypoints.http.service import SETTINGS


@pytest.mark.parametrize("name", [field.name for field in fields(UseCases)])
async def test_a_use_case_is_the_one_of_the_container_that_has_its_name(name: str) -> None:
    container = Container(settings=SETTINGS)
    assert getattr(container.use_cases(), name) is container.providers[name]()


async def test_the_options_are_those_of_the_settings() -> None:
    options = Container(settings=SETTINGS).http_options()
    assert options.timezone == SETTINGS.timezone
    assert options.max_body_bytes == SETTINGS.max_body_bytes
    assert options.max_request_bytes == SETTINGS.max_request_bytes
