"""`postdate list`: lists stored messages in due order."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec
from msgspec import UNSET

from ....application.ports.message_store import MessagePage
from ....domain.time.instant import to_rfc3339
from ...container import Container
from ...http.messages.message_views import MessageListView, view_of
from ...http.parsing.cursors import format_cursor, parse_cursor
from ...http.parsing.filters import FILTER_NAMES, FILTERS, query_of
from ...http.parsing.parameters import PAGE_SIZE
from ...http.problems.request_errors import InvalidRequestError
from ...lifespan import lifespan
from ...settings import flag_of, load_settings
from ..settings_flags import LISTING, settings_flags

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ....domain.messages.message import Message
    from ....domain.messages.query import Position, Query
    from ...settings import Settings

T = TypeVar("T")
F = TypeVar("F", bound="Callable[..., Any]")

_COLUMNS = ("ID", "STATUS", "DUE", "ATTEMPTS", "TO", "LABELS", "BODY")
_MAX_CELL_CHARS = 60


def _filter_flags(function: F) -> F:
    """Adds a flag for each filter."""
    for wanted in reversed(FILTERS):
        kind = wanted.kind
        function = click.option(
            flag_of(wanted.name),
            wanted.name,
            multiple=kind.is_repeatable,
            type=click.Choice(kind.choices) if kind.choices else None,
            help=wanted.description,
        )(function)
    return function


@click.command("list")
@_filter_flags
@click.option(
    "--limit",
    default=PAGE_SIZE.default,
    show_default=True,
    type=click.IntRange(1, PAGE_SIZE.maximum),
    help=PAGE_SIZE.description,
)
@click.option("--cursor", help="continue after the list that ended with this cursor")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@settings_flags(LISTING)
def command(*, limit: int, cursor: str | None, as_json: bool, **flags: Any) -> None:  # noqa: ANN401
    """List messages in the order of their due times."""
    filters = {name: flags.pop(name) or UNSET for name in FILTER_NAMES}
    settings = load_settings(os.environ, flags)
    query = _usage_checked(lambda: query_of(lambda wanted: filters[wanted.name], settings.timezone, flag_of))
    after = _usage_checked(lambda: parse_cursor(cursor, query, "--cursor")) if cursor else None
    page = asyncio.run(_find(settings, query, after, limit))
    click.echo(document_of(page, query) if as_json else table_of(page, query))


async def _find(settings: Settings, query: Query, after: Position | None, limit: int) -> MessagePage:
    """Returns `limit` messages, or fewer if no more are left. Pages of the use case may be short."""
    container = Container(settings=settings)
    async with lifespan(container):
        page = await container.list_messages()(query, after, limit)
        messages = list(page.messages)
        while page.next is not None and len(messages) < limit:
            page = await container.list_messages()(query, page.next, limit - len(messages))
            messages += page.messages
        return MessagePage(messages=messages, next=page.next)


def document_of(page: MessagePage, query: Query) -> str:
    """Returns the page as the HTTP API would."""
    document = MessageListView([view_of(message) for message in page.messages], format_cursor(page.next, query))
    return msgspec.json.encode(document).decode()


def table_of(page: MessagePage, query: Query) -> str:
    """Returns a line for each message, and the flag that lists the messages after them."""
    rows = [_COLUMNS, *(_row(message) for message in page.messages)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    if page.next is not None:
        lines.append(f"more: --cursor {format_cursor(page.next, query)}")
    return "\n".join(lines)


def _row(message: Message) -> Sequence[str]:
    body = message.body.decode(errors="backslashreplace")
    cells = [message.to, " ".join(message.labels), body]
    due = to_rfc3339(message.due_at)
    return (message.id, str(message.status), due, str(message.attempts), *(_cell(text) for text in cells))


def _cell(text: str) -> str:
    """Returns a text as one short line without control characters, which a terminal would obey."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return shown if len(shown) <= _MAX_CELL_CHARS else shown[: _MAX_CELL_CHARS - 1] + "…"


def _usage_checked(parse: Callable[[], T]) -> T:
    """Returns what `parse` returns. An error in a flag becomes an error of usage."""
    try:
        return parse()
    except InvalidRequestError as error:
        raise click.UsageError(f"{error.path}: {error.detail}") from error
