"""`python -m bench [PART...]`: measures, prints a table and writes a JSON file."""

from __future__ import annotations

import asyncio
import json
import os
import platform
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import uvloop
from rich.console import Console
from rich.table import Table

from . import batch, drain, growth, http, idle, lateness, memory, same_millisecond, takeover, use_case
from .server import PERSISTENCE, running_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .figure import Figure

PARTS = {
    "http": http.measure,
    "batch": batch.measure,
    "use-case": use_case.measure,
    "drain": drain.measure,
    "same-millisecond": same_millisecond.measure,
    "lateness": lateness.measure,
    "growth": growth.measure,
    "takeover": takeover.measure,
    "idle": idle.measure,
    "memory": memory.measure,
}


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--persistence", type=click.Choice(list(PERSISTENCE)), default="always", show_default=True)
@click.option(
    "--max-pending",
    type=click.IntRange(100),
    default=growth.MAX_PENDING,
    show_default=True,
    help="The most pending messages of the part growth.",
)
@click.option("--json", "json_file", type=click.Path(path_type=Path), default="bench.json", show_default=True)
def main(parts: Sequence[str], persistence: str, max_pending: int, json_file: Path) -> None:
    """Measure the named PARTS, or all of them."""
    measures = PARTS | {"growth": partial(growth.measure, max_pending=max_pending)}
    figures: list[Figure] = []
    for part in parts or PARTS:
        try:
            # The commands run in uvloop too.
            with running_server(persistence) as url, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                figures += runner.run(measures[part](url))
        except http.NoLoadGeneratorError as error:
            click.echo(f"{part}: not measured: {error}", err=True)
    Console(width=160).print(_table(figures, persistence))
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "persistence": persistence}
    results = [asdict(figure) | {"ratio": figure.ratio} for figure in figures]
    json_file.write_text(json.dumps({**machine, "figures": results}, indent=2) + "\n", encoding="utf-8")


def _table(figures: Sequence[Figure], persistence: str) -> Table:
    title = f"Python {platform.python_version()}, {os.cpu_count()} cores, append-only file: {persistence}"
    table = Table("what", "figure", "target", "reached", "compared with", "limit", "ratio", title=title)
    for figure in figures:
        table.add_row(
            figure.name,
            f"{figure.value:,.1f} {figure.unit}",
            figure.target,
            "yes" if figure.reached else "no",
            figure.compared_with,
            "" if figure.limit is None else f"{figure.limit:,.1f}",
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
        )
    return table


if __name__ == "__main__":
    main()
