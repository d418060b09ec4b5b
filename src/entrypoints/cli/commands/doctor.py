"""`postdate doctor`: examines the configuration of the store and gives advice."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import click
import msgspec

from ...container import Container
from ...lifespan import lifespan
from ...settings import load_settings
from ..settings_flags import EXAMINING, settings_flags

if TYPE_CHECKING:
    from ....application.operations.examine_store import Examination
    from ...settings import Settings


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@settings_flags(EXAMINING)
def command(*, as_json: bool, **flags: str | None) -> None:
    """Examine the store and print advice.

    The exit code is 0 if a service may start on this store. It is 1 if not, or if the store does not answer.
    """
    settings = load_settings(os.environ, flags)
    examination = asyncio.run(_examine(settings))
    click.echo(document_of(examination, str(settings.durability)) if as_json else table_of(examination))
    if not examination.passed:
        sys.exit(1)


async def _examine(settings: Settings) -> Examination:
    container = Container(settings=settings)
    async with lifespan(container):
        return await container.examine_store()()


def table_of(examination: Examination) -> str:
    """Returns a line for each finding, followed by a line with its advice, if any."""
    findings = examination.findings
    severity_width = max(len(finding.severity) for finding in findings)
    subject_width = max(len(finding.subject) for finding in findings)
    lines = []
    for finding in findings:
        start = f"{finding.severity:<{severity_width}}  {finding.subject:<{subject_width}}  "
        lines.append(f"{start}{finding.found}")
        if finding.advice:
            lines.append(f"{'':<{len(start)}}→ {finding.advice}")
    return "\n".join(lines)


def document_of(examination: Examination, durability: str) -> str:
    """Returns the examination as JSON."""
    document = {
        "passed": examination.passed,
        "durability": durability,
        "strict": examination.strict,
        "findings": examination.findings,
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode()
