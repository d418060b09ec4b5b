"""Judges the configuration of a store, one finding per subject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from ...domain.durability import DurabilityLevel

if TYPE_CHECKING:
    from ...domain.durability import Durability
    from ..ports.store_examiner import StoreFacts

MIN_VERSIONS = {"Redis": (7, 0), "Valkey": (7, 2)}
"""The first versions that have all commands that the scripts use."""
MAX_CLOCK_DIFFERENCE = timedelta(milliseconds=100)
"""A client that uses this machine's clock would notice a larger difference."""


class Severity(StrEnum):
    """How severe a finding is."""

    OK = "ok"
    """There is no problem."""
    WARNING = "warning"
    """Postdate works, but may not guarantee what users expect, or the store does not show whether it does."""
    ERROR = "error"
    """Postdate does not work on this store, or cannot guarantee the required durability."""


class Subject(StrEnum):
    """The subject of a finding."""

    VERSION = "version"
    ROLE = "role"
    EVICTION = "eviction"
    PERSISTENCE = "persistence"
    DURABILITY = "durability"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The judgement on one subject.

    Attributes:
        subject: The subject.
        severity: The severity.
        found: The facts and their consequences.
        advice: What to do, in the imperative; empty if there is nothing to do.
    """

    subject: Subject
    severity: Severity
    found: str
    advice: str = ""

    def __str__(self) -> str:
        """Returns the facts and the advice."""
        return f"{self.found}: {self.advice}" if self.advice else self.found


def judge(facts: StoreFacts, required: Durability) -> tuple[Finding, ...]:
    """Returns a finding on every subject, in the order of `Subject`."""
    return (
        _version(facts),
        _role(facts),
        _eviction(facts),
        _persistence(facts),
        _durability(facts, required),
        _clock(facts),
    )


def _version(facts: StoreFacts) -> Finding:
    if facts.version is None:
        return _unknown(Subject.VERSION, "the version of the store", "INFO")
    name = f"{facts.product} {'.'.join(map(str, facts.version))}"
    if facts.version < MIN_VERSIONS.get(facts.product, ()):
        return _error(Subject.VERSION, f"{name} is too old", "run Redis 7.0 or later, or Valkey 7.2 or later")
    return _ok(Subject.VERSION, name)


def _role(facts: StoreFacts) -> Finding:
    if facts.primary is None:
        return _unknown(Subject.ROLE, "whether this server accepts writes", "INFO")
    if not facts.primary:
        return _error(Subject.ROLE, "this server is a replica and accepts no writes", "name its primary")
    count = facts.replicas or 0
    return _ok(Subject.ROLE, f"primary, followed by {count} {'replica' if count == 1 else 'replicas'}")


def _eviction(facts: StoreFacts) -> Finding:
    if facts.eviction is None:
        return _unknown(Subject.EVICTION, "the eviction policy", "CONFIG GET")
    if facts.eviction != "noeviction":
        found = f"maxmemory-policy is {facts.eviction}, so a full store may evict messages"
        return _warning(Subject.EVICTION, found, "set maxmemory-policy noeviction")
    return _ok(Subject.EVICTION, "noeviction: a full store refuses new messages and keeps the stored ones")


def _persistence(facts: StoreFacts) -> Finding:
    if facts.appending:
        return _ok(Subject.PERSISTENCE, f"append-only file{_SYNC_TEXTS.get(facts.syncing or '', '')}")
    if facts.snapshots:
        lost = _lost_since_snapshot(facts.save or "")
        found = f"snapshots alone, so a crash of the store {lost}, and delivers again what was delivered since"
        return Finding(
            subject=Subject.PERSISTENCE,
            severity=Severity.OK,
            found=found,
            advice="to lose less, set appendonly yes",
        )
    if facts.appending is None or facts.snapshots is None:
        return _unknown(Subject.PERSISTENCE, "whether the store writes to disk", "CONFIG GET")
    return _warning(
        Subject.PERSISTENCE,
        "nothing is written to disk, so a restart of the store loses every message",
        "set appendonly yes",
    )


def _lost_since_snapshot(save: str) -> str:
    """Returns what a crash loses: by the setting `save`, pairs of seconds and of the least changes within them."""
    numbers = [int(number) for number in save.split() if number.isdecimal()]
    rules = list(zip(numbers[1::2], numbers[::2], strict=False))
    if not rules:
        return "loses the messages accepted since the last one"
    changes, seconds = min(rules)
    few = f", or the last {changes - 1} changes" if changes > 1 else ""
    return f"loses, by save {save}: up to {seconds} s of accepted messages{few}, those since the last one"


_SYNC_TEXTS = {
    "always": ", synchronised before each answer",
    "everysec": ", synchronised once a second: a crash of its machine loses about the last second",
    "no": ", synchronised by the operating system: a crash of its machine loses about the last half minute",
}


def _durability(facts: StoreFacts, required: Durability) -> Finding:
    if required.level is DurabilityLevel.FSYNC:
        return _fsync(facts)
    if required.level is DurabilityLevel.REPLICAS:
        return _replicas(facts, required.replicas)
    return _ok(Subject.DURABILITY, "store: a 2xx waits for the store's answer and nothing more")


def _fsync(facts: StoreFacts) -> Finding:
    if facts.appending and facts.syncing == "always":
        return _ok(Subject.DURABILITY, "fsync: a 2xx means that the change is on the store's disk")
    if facts.appending is None or facts.syncing is None:
        return _error(
            Subject.DURABILITY,
            "fsync is required, but the store does not show whether it writes to disk before it answers",
            "allow Postdate the command CONFIG GET, or set POSTDATE_DURABILITY to store",
        )
    configuration = f"appendonly {'yes' if facts.appending else 'no'} and appendfsync {facts.syncing}"
    return _error(
        Subject.DURABILITY,
        f"fsync is required, but the store runs with {configuration}",
        "set appendonly yes and appendfsync always there, or set POSTDATE_DURABILITY to store",
    )


def _replicas(facts: StoreFacts, required: int) -> Finding:
    if facts.replicas is None:
        return _unknown(Subject.DURABILITY, "the number of replicas", "INFO")
    if facts.replicas < required:
        found = f"replicas:{required} is required, but there are {facts.replicas}, so changes are answered by 503"
        return _warning(
            Subject.DURABILITY, found, "connect more replicas, or require fewer in POSTDATE_DURABILITY"
        )
    return _ok(
        Subject.DURABILITY,
        f"replicas:{required}: a 2xx means that at least {required} of the replicas have the change",
    )


def _clock(facts: StoreFacts) -> Finding:
    if abs(facts.clock_ahead) <= MAX_CLOCK_DIFFERENCE:
        return _ok(Subject.CLOCK, "the store's clock agrees with this machine's to 100 ms")
    seconds = facts.clock_ahead.total_seconds()
    direction = "ahead of" if seconds > 0 else "behind"
    found = f"the store's clock is {abs(seconds):.1f} s {direction} this machine's, which decides what is due"
    return _warning(Subject.CLOCK, found, "synchronise both clocks by NTP")


def _ok(subject: Subject, found: str) -> Finding:
    return Finding(subject=subject, severity=Severity.OK, found=found)


def _warning(subject: Subject, found: str, advice: str) -> Finding:
    return Finding(subject=subject, severity=Severity.WARNING, found=found, advice=advice)


def _error(subject: Subject, found: str, advice: str) -> Finding:
    return Finding(subject=subject, severity=Severity.ERROR, found=found, advice=advice)


def _unknown(subject: Subject, fact: str, command: str) -> Finding:
    return _warning(subject, f"{fact} is unknown", f"allow Postdate the command {command}, or check it yourself")
