from __future__ import annotations

import json

from postdate.application.operations.examine_store import Examination
from postdate.application.operations.findings import Finding, Severity, Subject
from postdate.entrypoints.cli.commands.doctor import document_of, table_of

FINDINGS = [
    Finding(subject=Subject.ROLE, severity=Severity.OK, found="primary"),
    Finding(subject=Subject.PERSISTENCE, severity=Severity.WARNING, found="nothing", advice="set appendonly yes"),
]


def test_the_table_shows_the_advice_below_each_finding() -> None:
    assert table_of(Examination(findings=FINDINGS)).splitlines() == [
        "ok       role         primary",
        "warning  persistence  nothing",
        "                      → set appendonly yes",
    ]


def test_the_json_contains_the_whole_examination() -> None:
    assert json.loads(document_of(Examination(findings=FINDINGS, strict=True), "fsync")) == {
        "passed": False,
        "durability": "fsync",
        "strict": True,
        "findings": [
            {"subject": "role", "severity": "ok", "found": "primary", "advice": ""},
            {
                "subject": "persistence",
                "severity": "warning",
                "found": "nothing",
                "advice": "set appendonly yes",
            },
        ],
    }
