from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from postdate.application.operations.findings import Finding, Severity, Subject, judge
from postdate.application.ports.store_examiner import StoreFacts
from postdate.domain.durability import STORE_DURABILITY, Durability, DurabilityLevel

SUITABLE = StoreFacts(
    product="Valkey",
    version=(9, 1, 2),
    primary=True,
    replicas=2,
    eviction="noeviction",
    appending=True,
    syncing="always",
    snapshots=False,
    clock_ahead=timedelta(0),
)
ON_DISK = Durability(level=DurabilityLevel.FSYNC)
ON_TWO = Durability(level=DurabilityLevel.REPLICAS, replicas=2)
OK, WARNING, ERROR = Severity
MS = timedelta(milliseconds=1)


def finding_on(subject: Subject, required: Durability = STORE_DURABILITY, **facts: Any) -> Finding:  # noqa: ANN401  # any fact
    (finding,) = (one for one in judge(replace(SUITABLE, **facts), required) if one.subject is subject)
    return finding


@pytest.mark.parametrize("required", [STORE_DURABILITY, ON_DISK, ON_TWO], ids=str)
def test_a_suitable_store_has_no_warning(required: Durability) -> None:
    findings = judge(SUITABLE, required)
    assert [finding.subject for finding in findings] == list(Subject)
    assert {(finding.severity, finding.advice) for finding in findings} == {(OK, "")}


@pytest.mark.parametrize(
    ("subject", "required", "facts", "severity", "found"),
    [
        (Subject.VERSION, STORE_DURABILITY, {"version": (7, 1, 9)}, ERROR, "Valkey 7.1.9 is too old"),
        (Subject.VERSION, STORE_DURABILITY, {"product": "Redis", "version": (6, 2, 21)}, ERROR, "Redis 6.2.21"),
        (Subject.VERSION, STORE_DURABILITY, {"version": None}, WARNING, "is unknown"),
        (Subject.ROLE, STORE_DURABILITY, {"primary": False}, ERROR, "replica"),
        (Subject.ROLE, STORE_DURABILITY, {"primary": None}, WARNING, "is unknown"),
        (Subject.EVICTION, STORE_DURABILITY, {"eviction": "allkeys-lru"}, WARNING, "allkeys-lru"),
        (Subject.EVICTION, STORE_DURABILITY, {"eviction": None}, WARNING, "is unknown"),
        (Subject.PERSISTENCE, STORE_DURABILITY, {"appending": False}, WARNING, "nothing is written to disk"),
        (Subject.PERSISTENCE, STORE_DURABILITY, {"appending": None}, WARNING, "is unknown"),
        (
            Subject.PERSISTENCE,
            STORE_DURABILITY,
            {"appending": False, "snapshots": None},
            WARNING,
            "is unknown",
        ),
        (Subject.PERSISTENCE, STORE_DURABILITY, {"appending": None, "snapshots": None}, WARNING, "is unknown"),
        (Subject.DURABILITY, ON_DISK, {"syncing": "everysec"}, ERROR, "appendonly yes and appendfsync everysec"),
        (Subject.DURABILITY, ON_DISK, {"appending": False}, ERROR, "appendonly no and appendfsync always"),
        (Subject.DURABILITY, ON_DISK, {"syncing": None}, ERROR, "does not show"),
        (Subject.DURABILITY, ON_DISK, {"appending": None}, ERROR, "does not show"),
        (Subject.DURABILITY, ON_TWO, {"replicas": 1}, WARNING, "replicas:2 is required, but there are 1"),
        (Subject.DURABILITY, ON_TWO, {"replicas": None}, WARNING, "is unknown"),
        (Subject.CLOCK, STORE_DURABILITY, {"clock_ahead": 1500 * MS}, WARNING, "1.5 s ahead of"),
        (Subject.CLOCK, STORE_DURABILITY, {"clock_ahead": -101 * MS}, WARNING, "0.1 s behind"),
    ],
)
def test_every_warning_and_error_has_advice(
    subject: Subject, required: Durability, facts: dict[str, Any], severity: Severity, found: str
) -> None:
    finding = finding_on(subject, required, **facts)
    assert finding.severity is severity
    assert found in finding.found
    assert finding.advice
    assert str(finding) == f"{finding.found}: {finding.advice}"


@pytest.mark.parametrize(
    ("subject", "facts"),
    [
        (Subject.VERSION, {"version": (7, 2)}),
        (Subject.VERSION, {"version": (7, 2, 0)}),
        (Subject.VERSION, {"product": "Redis", "version": (7, 0, 15)}),
        (Subject.VERSION, {"product": "Memory", "version": (1,)}),
        (Subject.ROLE, {"replicas": None}),
        (Subject.PERSISTENCE, {"syncing": None, "snapshots": None}),
        (Subject.PERSISTENCE, {"appending": False, "snapshots": True}),
        (Subject.PERSISTENCE, {"appending": None, "snapshots": True}),
        (Subject.DURABILITY, {"appending": False, "snapshots": False, "replicas": 0}),
        (Subject.CLOCK, {"clock_ahead": 100 * MS}),
        (Subject.CLOCK, {"clock_ahead": -100 * MS}),
    ],
)
def test_an_acceptable_fact_causes_no_warning(subject: Subject, facts: dict[str, Any]) -> None:
    assert finding_on(subject, **facts).severity is OK


@pytest.mark.parametrize(
    ("syncing", "text"), [("always", "before each answer"), ("everysec", "last second"), ("no", "half minute")]
)
def test_the_finding_on_persistence_says_what_a_crash_loses(syncing: str, text: str) -> None:
    assert text in finding_on(Subject.PERSISTENCE, syncing=syncing).found


def test_snapshots_only_are_accepted_with_advice() -> None:
    finding = finding_on(Subject.PERSISTENCE, appending=False, snapshots=True)
    assert "since the last one" in finding.found
    assert "appendonly yes" in finding.advice


@pytest.mark.parametrize(("replicas", "text"), [(0, "0 replicas"), (1, "1 replica"), (2, "2 replicas")])
def test_the_finding_on_the_role_counts_the_replicas(replicas: int, text: str) -> None:
    assert finding_on(Subject.ROLE, replicas=replicas).found == f"primary, followed by {text}"


@pytest.mark.parametrize(
    ("save", "words"),
    [
        ("3600 1", "save 3600 1: up to 3600 s of accepted messages"),
        ("3600 1 300 100 60 10000", "save 3600 1 300 100 60 10000: up to 3600 s of accepted messages"),
        ("60 10000 900 5", "save 60 10000 900 5: up to 900 s of accepted messages, or the last 4 changes"),
        (None, "loses the messages accepted since the last one"),
        ("unreadable", "loses the messages accepted since the last one"),
    ],
)
def test_it_is_said_what_snapshots_alone_cost(save: str | None, words: str) -> None:
    finding = finding_on(Subject.PERSISTENCE, appending=False, snapshots=True, save=save)
    assert words in finding.found
    assert "delivers again" in finding.found
