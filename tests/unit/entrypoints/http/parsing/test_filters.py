from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from postdate.domain.messages.query import Query
from postdate.entrypoints.cli.commands.list import command as list_messages
from postdate.entrypoints.http.messages.bulk_documents import BulkRequest
from postdate.entrypoints.http.parsing.filters import FILTERS
from postdate.entrypoints.settings import flag_of

if TYPE_CHECKING:
    from tests.unit.entrypoints.http.service import Service


def test_every_attribute_of_a_query_has_one_filter() -> None:
    assert sorted(wanted.attribute for wanted in FILTERS) == sorted(field.name for field in fields(Query))


async def test_every_filter_is_a_parameter_a_field_and_a_flag(service: Service) -> None:
    names = {wanted.name for wanted in FILTERS}
    paths = (await service.client.get("/openapi.json")).json()["paths"]
    for path in ("/v1/messages", "/v1/events"):
        assert names <= {parameter["name"] for parameter in paths[path]["get"]["parameters"]}
    assert names <= set(BulkRequest.__struct_fields__)
    assert {flag_of(name) for name in names} <= {flag for option in list_messages.params for flag in option.opts}
