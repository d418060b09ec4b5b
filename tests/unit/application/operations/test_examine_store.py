from __future__ import annotations

from dataclasses import replace

import pytest

from postdate.adapters.memory.store_examiner import IN_MEMORY, MemoryStoreExaminer
from postdate.application.operations.examine_store import Examination, ExamineStore
from postdate.application.operations.findings import Finding, Severity, Subject
from postdate.domain.durability import STORE_DURABILITY, Durability, DurabilityLevel
from postdate.domain.errors import StoreUnavailableError

SUBJECTS = dict(zip(Severity, Subject, strict=False))


def examination(*severities: Severity, strict: bool) -> Examination:
    findings = [
        Finding(subject=SUBJECTS[severity], severity=severity, found=f"it is {severity}")
        for severity in severities
    ]
    return Examination(findings=findings, strict=strict)


@pytest.mark.parametrize(
    ("severities", "leniently", "strictly"),
    [
        ([], True, True),
        ([Severity.OK], True, True),
        ([Severity.OK, Severity.WARNING], True, False),
        ([Severity.ERROR], False, False),
        ([Severity.WARNING, Severity.ERROR], False, False),
    ],
)
def test_an_error_fails_the_examination_and_a_warning_fails_a_strict_one(
    severities: list[Severity], *, leniently: bool, strictly: bool
) -> None:
    assert examination(*severities, strict=False).passed is leniently
    assert examination(*severities, strict=True).passed is strictly


def test_errors_and_warnings_are_separate() -> None:
    one = examination(Severity.WARNING, Severity.ERROR, Severity.OK, strict=False)
    assert [finding.severity for finding in one.errors] == [Severity.ERROR]
    assert [finding.severity for finding in one.warnings] == [Severity.WARNING]


async def test_each_call_examines_the_store_again() -> None:
    examiner = MemoryStoreExaminer()
    examine = ExamineStore(examiner, STORE_DURABILITY)
    assert [finding.subject for finding in (await examine()).warnings] == [Subject.PERSISTENCE]
    examiner.facts = replace(IN_MEMORY, appending=True)
    assert (await examine()).warnings == []


async def test_the_store_is_judged_by_the_required_durability() -> None:
    examine = ExamineStore(MemoryStoreExaminer(), Durability(level=DurabilityLevel.FSYNC), strict=True)
    result = await examine()
    assert [finding.subject for finding in result.errors] == [Subject.DURABILITY]
    assert result.strict


async def test_the_examination_of_an_unavailable_store_raises() -> None:
    examiner = MemoryStoreExaminer()
    examiner.error = StoreUnavailableError("away")
    with pytest.raises(StoreUnavailableError):
        await ExamineStore(examiner, STORE_DURABILITY)()
