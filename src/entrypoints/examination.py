"""The examination of the store with which a process starts."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from ..application.operations.findings import Severity, Subject
from ..domain.errors import ConfigurationError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..application.operations.examine_store import Examination, ExamineStore
    from ..application.operations.findings import Finding
    from ..application.ports.clock import Clock

logger = logging.getLogger("postdate")

MAX_WAIT_SECONDS = 1.0
"""How long the start of a process waits for a store that may be unavailable."""
RETRY_SECONDS = 1.0
"""The interval between two examinations while the store is unavailable."""


async def examine(examine_store: ExamineStore) -> None:
    """Examines the store and logs each warning with its advice.

    Raises:
        ConfigurationError: Postdate cannot run on this store, or `POSTDATE_STRICT` forbids its warnings.
        StoreUnavailableError: The store did not answer.
    """
    examination = await examine_store()
    if not examination.passed:
        raise refusal_of(examination)
    for finding in examination.warnings:
        logger.warning(
            "the store is not set up as it should be",
            extra={"subject": finding.subject, "found": finding.found, "advice": finding.advice},
        )


async def examine_if_available(examine_store: ExamineStore) -> bool:
    """Examines the store and returns true; returns false if the store does not answer within `MAX_WAIT_SECONDS`.

    Raises:
        ConfigurationError: Postdate cannot run on this store, or `POSTDATE_STRICT` forbids its warnings.
    """
    with suppress(StoreUnavailableError, TimeoutError):
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            await examine(examine_store)
            return True
    return False


async def examine_when_available(examine_store: ExamineStore, clock: Clock) -> None:
    """Waits until an unavailable store answers, and examines it then.

    Raises:
        ConfigurationError: Postdate cannot run on this store, or `POSTDATE_STRICT` forbids its warnings.
    """
    while True:
        await clock.sleep_until(clock.monotonic() + RETRY_SECONDS)
        with suppress(StoreUnavailableError):
            return await examine(examine_store)


def refusal_of(examination: Examination) -> ConfigurationError:
    """Returns the error that says, in one line, why the process does not start.

    It quotes the findings that are errors. If there are none, the examination was strict, and it quotes the
    warnings.
    """
    findings = examination.errors or examination.warnings
    setting, problem = _refused_by(findings)
    return ConfigurationError(setting, f"{problem}: {'; '.join(map(str, findings))}")


def _refused_by(findings: Sequence[Finding]) -> tuple[str, str]:
    if findings[0].severity is not Severity.ERROR:
        return "POSTDATE_STRICT", "forbids this store"
    if all(finding.subject is Subject.DURABILITY for finding in findings):
        return "POSTDATE_DURABILITY", "cannot be guaranteed"
    return "POSTDATE_REDIS_URL", "names a store on which Postdate cannot run"
