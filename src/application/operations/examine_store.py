"""The use case that tells whether a store is set up for what is wanted of it."""

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
    """What came of looking at a store.

    Attributes:
        findings: one on each subject.
        strict: whether a warning is as bad as an error.
    """

    findings: Sequence[Finding]
    strict: bool = False

    @property
    def errors(self) -> Sequence[Finding]:
        """What speaks against working with this store."""
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]

    @property
    def warnings(self) -> Sequence[Finding]:
        """What its operator has to know."""
        return [finding for finding in self.findings if finding.severity is Severity.WARNING]

    @property
    def passed(self) -> bool:
        """Whether a service may start on this store."""
        return not self.errors and not (self.strict and self.warnings)


class ExamineStore:
    """Looks at the store and judges it by the durability that is wanted."""

    def __init__(self, examiner: StoreExaminer, wanted: Durability, *, strict: bool = False) -> None:
        self._examiner = examiner
        self._wanted = wanted
        self._strict = strict

    async def __call__(self) -> Examination:
        """Returns what was found.

        Raises:
            StoreUnavailableError: the store did not answer.
        """
        facts = await self._examiner.examine()
        return Examination(findings=judge(facts, self._wanted), strict=self._strict)
