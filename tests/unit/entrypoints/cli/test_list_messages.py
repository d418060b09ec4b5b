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
from postdate.entrypoints.cli.command import WRONG_USAGE, main
from postdate.entrypoints.cli.list_messages import document_of, table_of

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


def test_people_get_a_table() -> None:
    assert lines_of([MESSAGE]) == [
        "ID            STATUS     DUE                       ATTEMPTS  TO       LABELS  BODY",
        '000000000000  scheduled  2026-01-01T00:00:00.000Z  0         console  a b     "hi"',
    ]


def test_where_more_is_left_it_says_how_to_go_on() -> None:
    assert lines_of([MESSAGE], more=True)[-1].startswith("more: --cursor ")


def test_a_cell_is_one_short_line_that_no_terminal_obeys() -> None:
    odd = replace(MESSAGE, body=b'"' + b"x" * 500 + b'"', labels=("\x1b[2J\n",))
    _, row = lines_of([odd])
    assert "\x1b" not in row
    assert row.endswith("…")
    assert len(row) < 200


def test_programs_get_what_the_api_answers_with() -> None:
    document = json.loads(document_of(MessagePage(messages=[MESSAGE]), ANY))
    assert document["next"] is None
    assert [item["id"] for item in document["items"]] == [MESSAGE.id]


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
def test_a_flag_that_is_not_understood_is_named(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", *flags]) == WRONG_USAGE
    assert flags[0] in capsys.readouterr().err
