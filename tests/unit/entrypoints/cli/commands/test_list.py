from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from postdate.application.ports.message_store import MessagePage
from postdate.domain.ids import MessageId
from postdate.domain.messages.message import Message
from postdate.domain.messages.query import Query, due_position
from postdate.entrypoints.cli.commands.list import command as list_messages
from postdate.entrypoints.cli.commands.list import document_of, table_of
from postdate.entrypoints.cli.main import WRONG_USAGE, main
from postdate.entrypoints.http.parsing.filters import FILTER_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

AT = datetime(2026, 1, 1, tzinfo=UTC)
MESSAGE = Message(
    id=MessageId("000000000000"), body=b'"hi"', to="console", at=AT, due_at=AT, created_at=AT, labels=("a", "b")
)
ANY = Query()


def lines_of(messages: Sequence[Message], *, more: bool = False) -> list[str]:
    page = MessagePage(messages=messages, next=due_position(messages[-1]) if more else None)
    return table_of(page, ANY).splitlines()


def test_messages_are_printed_as_a_table() -> None:
    assert lines_of([MESSAGE]) == [
        "ID            STATUS     DUE                       ATTEMPTS  TO       LABELS  BODY",
        '000000000000  scheduled  2026-01-01T00:00:00.000Z  0         console  a b     "hi"',
    ]


def test_a_table_with_more_messages_ends_with_the_flag_that_lists_them() -> None:
    assert lines_of([MESSAGE], more=True)[-1].startswith("more: --cursor ")


def test_a_cell_is_one_short_line_without_control_characters() -> None:
    odd = replace(MESSAGE, body=b'"' + b"x" * 500 + b'"', labels=("\x1b[2J\n",))
    _, row = lines_of([odd])
    assert "\x1b" not in row
    assert row.endswith("…")
    assert len(row) < 200


def test_the_json_is_the_same_as_that_of_the_api() -> None:
    document = json.loads(document_of(MessagePage(messages=[MESSAGE]), ANY))
    assert document["next"] is None
    assert [item["id"] for item in document["items"]] == [MESSAGE.id]


def test_filters_are_flags() -> None:
    flags = ["--status", "dead", "--status", "scheduled", "--to", "console", "--label", "a", "--due-after", "2026"]
    given = list_messages.make_context("list", [*flags, "--due-before", "2027"]).params
    assert {name: given[name] for name in FILTER_NAMES} == {
        "status": ("dead", "scheduled"),
        "to": "console",
        "label": "a",
        "due_after": "2026",
        "due_before": "2027",
    }


@pytest.mark.parametrize(
    "flags",
    [
        ["--status", "lost"],
        ["--limit", "0"],
        ["--limit", "1001"],
        ["--due-after", "soon"],
        ["--due-before", "2026-02-30T00:00Z"],
        ["--cursor", "nonsense"],
    ],
)
def test_an_invalid_value_is_an_error_that_names_its_flag(
    flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", *flags]) == WRONG_USAGE
    assert flags[0] in capsys.readouterr().err
