"""`postdate list`: what is stored, in due order."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, TypeVar

import click
import msgspec
from msgspec import UNSET

from ...application.ports.message_store import MessagePage
from ...domain.messages.query import Query
from ...domain.messages.status import Status
from ...domain.time.instant import to_rfc3339
from ..closing import closing
from ..container import Container
from ..http.messages.message_views import MessageListView, view_of
from ..http.parsing.filters import parse_cursor, parse_instant, write_cursor
from ..http.parsing.parameters import PAGE_SIZE
from ..http.problems.request_errors import InvalidRequestError
from ..settings import load_settings
from .options import LISTING, settings_flags

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...domain.messages.message import Message
    from ...domain.messages.query import Position
    from ..settings import Settings

T = TypeVar("T")

_COLUMNS = ("ID", "STATUS", "DUE", "ATTEMPTS", "TO", "LABELS", "BODY")
_MAX_CELL = 60


@click.command("list")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice([status.value for status in Status]),
    help="a state; may be repeated",
)
@click.option("--to", help="the destination")
@click.option("--label", help="one of the labels")
@click.option("--due-after", help="due at that time or later")
@click.option("--due-before", help="due earlier than that")
@click.option(
    "--limit",
    default=PAGE_SIZE.default,
    show_default=True,
    type=click.IntRange(1, PAGE_SIZE.maximum),
    help="how many at most",
)
@click.option("--cursor", help="go on where a list has ended")
@click.option("--json", "as_json", is_flag=True, help="print JSON, for programs")
@settings_flags(LISTING)
def list_messages(  # noqa: PLR0913  # one argument a flag
    *,
    statuses: tuple[str, ...],
    to: str | None,
    label: str | None,
    due_after: str | None,
    due_before: str | None,
    limit: int,
    cursor: str | None,
    as_json: bool,
    **flags: str | None,
) -> None:
    """List messages in the order of their due times."""
    settings = load_settings(os.environ, flags)
    zone = settings.timezone
    query = Query(
        statuses=frozenset(Status(status) for status in statuses),
        to=to or None,
        label=label or None,
        due_after=_understood(lambda: parse_instant(due_after or UNSET, zone, "--due-after")),
        due_before=_understood(lambda: parse_instant(due_before or UNSET, zone, "--due-before")),
    )
    after = _understood(lambda: parse_cursor(cursor, query, "--cursor")) if cursor else None
    page = asyncio.run(_find(settings, query, after, limit))
    click.echo(document_of(page, query) if as_json else table_of(page, query))


async def _find(settings: Settings, query: Query, after: Position | None, limit: int) -> MessagePage:
    """Returns as much as was asked for, unless less is left: pages of the use case may be short."""
    container = Container(settings=settings)
    async with closing(container):
        page = await container.list_messages()(query, after, limit)
        messages = list(page.messages)
        while page.next is not None and len(messages) < limit:
            page = await container.list_messages()(query, page.next, limit - len(messages))
            messages += page.messages
        return MessagePage(messages=messages, next=page.next)


def document_of(page: MessagePage, query: Query) -> str:
    """Returns the JSON that the API answers with."""
    document = MessageListView([view_of(message) for message in page.messages], write_cursor(page.next, query))
    return msgspec.json.encode(document).decode()


def table_of(page: MessagePage, query: Query) -> str:
    """Returns a line for each message, and what to add to the command for those behind them."""
    rows = [_COLUMNS, *(_row(message) for message in page.messages)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    if page.next is not None:
        lines.append(f"more: --cursor {write_cursor(page.next, query)}")
    return "\n".join(lines)


def _row(message: Message) -> Sequence[str]:
    body = message.body.decode(errors="backslashreplace")
    cells = [message.to, " ".join(message.labels), body]
    due = to_rfc3339(message.due_at)
    return (message.id, str(message.status), due, str(message.attempts), *(_cell(text) for text in cells))


def _cell(text: str) -> str:
    """Returns a text on one line, without what a terminal would obey, and not too long."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return shown if len(shown) <= _MAX_CELL else shown[: _MAX_CELL - 1] + "…"


def _understood(read: Callable[[], T]) -> T:
    try:
        return read()
    except InvalidRequestError as fault:
        raise click.UsageError(f"{fault.path}: {fault.detail}") from fault
