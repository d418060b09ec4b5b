"""The look at the store with which a process begins."""

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

SOON_SECONDS = 1.0
"""How long the start waits for a store that may be away."""
LOOK_AGAIN_AFTER = 1.0
"""Seconds between two looks for a store that is away."""


async def examine(examine_store: ExamineStore) -> None:
    """Examines the store, and logs what its operator has to know.

    Raises:
        ConfigurationError: Postdate cannot run on it, or must not because it is strict.
        StoreUnavailableError: it did not answer.
    """
    examination = await examine_store()
    if not examination.passed:
        raise refusal_of(examination)
    for finding in examination.warnings:
        logger.warning(
            "the store is not set up as it should be",
            extra={"subject": finding.subject, "found": finding.found, "advice": finding.advice},
        )


async def examined_soon(examine_store: ExamineStore) -> bool:
    """Examines the store, unless it is away: then it returns false.

    Raises:
        ConfigurationError: as `examine` says.
    """
    with suppress(StoreUnavailableError, TimeoutError):
        async with asyncio.timeout(SOON_SECONDS):
            await examine(examine_store)
            return True
    return False


async def examine_once_it_answers(examine_store: ExamineStore, clock: Clock) -> None:
    """Waits for a store that is away, and examines it then.

    Raises:
        ConfigurationError: as `examine` says.
    """
    while True:
        await clock.sleep_until(clock.monotonic() + LOOK_AGAIN_AFTER)
        with suppress(StoreUnavailableError):
            return await examine(examine_store)


def refusal_of(examination: Examination) -> ConfigurationError:
    """Returns the one line that says why not to start: the errors, or the warnings where these are as bad."""
    reasons = examination.errors or examination.warnings
    setting, fault = _refused_by(reasons)
    return ConfigurationError(setting, f"{fault}: {'; '.join(map(str, reasons))}")


def _refused_by(reasons: Sequence[Finding]) -> tuple[str, str]:
    if reasons[0].severity is not Severity.ERROR:
        return "POSTDATE_STRICT", "forbids this store"
    if all(reason.subject is Subject.DURABILITY for reason in reasons):
        return "POSTDATE_DURABILITY", "cannot be kept"
    return "POSTDATE_REDIS_URL", "names a store that will not do"
