"""The use case that checks whether the store's configuration suits Postdate and the required durability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .findings import Finding, Severity, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...domain.durability import Durability
    from ..ports.store_examiner import StoreExaminer


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The result of examining a store.

    Attributes:
        findings: The findings, one per subject.
        strict: Whether a warning prevents a start like an error.
    """

    findings: Sequence[Finding]
    strict: bool = False

    @property
    def errors(self) -> Sequence[Finding]:
        """The findings that prevent Postdate from running on this store."""
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]

    @property
    def warnings(self) -> Sequence[Finding]:
        """The findings that an operator has to know about."""
        return [finding for finding in self.findings if finding.severity is Severity.WARNING]

    @property
    def passed(self) -> bool:
        """Whether a service may start on this store."""
        return not self.errors and not (self.strict and self.warnings)


class ExamineStore:
    """Examines the store and judges it by the required durability."""

    def __init__(self, examiner: StoreExaminer, required: Durability, *, strict: bool = False) -> None:
        self._examiner = examiner
        self._required = required
        self._strict = strict

    async def __call__(self) -> Examination:
        """Examines the store. Changes nothing, and keeps nothing from an earlier call.

        Raises:
            StoreUnavailableError: The store did not answer.
        """
        facts = await self._examiner.examine()
        return Examination(findings=judge(facts, self._required), strict=self._strict)
