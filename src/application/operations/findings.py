"""What to think of how a store is set up, point by point."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from ...domain.durability import DurabilityLevel

if TYPE_CHECKING:
    from ...domain.durability import Durability
    from ..ports.store_examiner import StoreFacts

OLDEST_VERSIONS = {"Redis": (7, 0), "Valkey": (7, 2)}
"""The first versions that know all that the scripts use."""
CLOCKS_MAY_DIFFER_BY = timedelta(milliseconds=100)
"""Beyond it, a client that goes by this machine's clock would notice."""


class Severity(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    """Nothing is wrong."""
    WARNING = "warning"
    """Postdate works, but may not keep what its users expect of it; or it cannot be seen whether it does."""
    ERROR = "error"
    """Postdate does not work like this, or would promise what it cannot keep."""


class Subject(StrEnum):
    """What a finding is about."""

    VERSION = "version"
    ROLE = "role"
    EVICTION = "eviction"
    PERSISTENCE = "persistence"
    DURABILITY = "durability"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what it is about.
        severity: how bad it is.
        found: what was seen, and what follows from it.
        advice: what to do, as an order; empty if nothing is to be done.
    """

    subject: Subject
    severity: Severity
    found: str
    advice: str = ""

    def __str__(self) -> str:
        """Returns what was found and what to do."""
        return f"{self.found}: {self.advice}" if self.advice else self.found


def judge(facts: StoreFacts, wanted: Durability) -> tuple[Finding, ...]:
    """Returns a finding on every subject, in their order."""
    return (
        _version(facts),
        _role(facts),
        _eviction(facts),
        _persistence(facts),
        _durability(facts, wanted),
        _clock(facts),
    )


def _version(facts: StoreFacts) -> Finding:
    if facts.version is None:
        return _unseen(Subject.VERSION, "the version of the store", "INFO")
    name = f"{facts.product} {'.'.join(map(str, facts.version))}"
    if facts.version < OLDEST_VERSIONS.get(facts.product, ()):
        return _error(Subject.VERSION, f"{name} is too old", "run Redis 7.0 or later, or Valkey 7.2 or later")
    return _ok(Subject.VERSION, name)


def _role(facts: StoreFacts) -> Finding:
    if facts.primary is None:
        return _unseen(Subject.ROLE, "whether this server takes writes", "INFO")
    if not facts.primary:
        return _error(Subject.ROLE, "this server is a replica and takes no writes", "name its primary")
    count = facts.replicas or 0
    return _ok(Subject.ROLE, f"primary, followed by {count} {'replica' if count == 1 else 'replicas'}")


def _eviction(facts: StoreFacts) -> Finding:
    if facts.eviction is None:
        return _unseen(Subject.EVICTION, "the eviction policy", "CONFIG GET")
    if facts.eviction != "noeviction":
        found = f"maxmemory-policy is {facts.eviction}, so a store that is full may drop messages"
        return _warning(Subject.EVICTION, found, "set maxmemory-policy noeviction")
    return _ok(Subject.EVICTION, "noeviction: a store that is full refuses new messages and keeps those it has")


def _persistence(facts: StoreFacts) -> Finding:
    if facts.appending:
        return _ok(Subject.PERSISTENCE, f"append-only file{_SYNCED_WHEN.get(facts.syncing or '', '')}")
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
        return _unseen(Subject.PERSISTENCE, "whether the store keeps anything on disk", "CONFIG GET")
    return _warning(
        Subject.PERSISTENCE,
        "nothing is on disk, so a restart of the store loses every message",
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


_SYNCED_WHEN = {
    "always": ", synchronised before each answer",
    "everysec": ", synchronised once a second: a crash of its machine loses about the last second",
    "no": ", synchronised when its system likes: a crash of its machine loses about the last half minute",
}


def _durability(facts: StoreFacts, wanted: Durability) -> Finding:
    if wanted.level is DurabilityLevel.FSYNC:
        return _fsync(facts)
    if wanted.level is DurabilityLevel.REPLICAS:
        return _replicas(facts, wanted.replicas)
    return _ok(Subject.DURABILITY, "store: a 2xx waits for the store's answer and nothing more")


def _fsync(facts: StoreFacts) -> Finding:
    if facts.appending and facts.syncing == "always":
        return _ok(Subject.DURABILITY, "fsync: a 2xx means that the change is on the store's disk")
    if facts.appending is None or facts.syncing is None:
        return _error(
            Subject.DURABILITY,
            "fsync is wanted, and the store does not show whether it writes to its disk before it answers",
            "allow Postdate CONFIG GET, or let POSTDATE_DURABILITY be store",
        )
    runs_with = f"appendonly {'yes' if facts.appending else 'no'} and appendfsync {facts.syncing}"
    return _error(
        Subject.DURABILITY,
        f"fsync is wanted, and the store runs with {runs_with}",
        "set appendonly yes and appendfsync always there, or let POSTDATE_DURABILITY be store",
    )


def _replicas(facts: StoreFacts, wanted: int) -> Finding:
    if facts.replicas is None:
        return _unseen(Subject.DURABILITY, "how many replicas follow", "INFO")
    if facts.replicas < wanted:
        found = (
            f"replicas:{wanted} is wanted, and {facts.replicas} follow, so changes are answered by 503 until then"
        )
        return _warning(Subject.DURABILITY, found, "connect more replicas, or want fewer in POSTDATE_DURABILITY")
    return _ok(Subject.DURABILITY, f"replicas:{wanted}: a 2xx means that so many replicas have the change")


def _clock(facts: StoreFacts) -> Finding:
    if abs(facts.clock_ahead) <= CLOCKS_MAY_DIFFER_BY:
        return _ok(Subject.CLOCK, "the store's clock agrees with this machine's to 100 ms")
    seconds = facts.clock_ahead.total_seconds()
    direction = "ahead of" if seconds > 0 else "behind"
    found = f"the store's clock is {abs(seconds):.1f} s {direction} this machine's, and what is due goes by it"
    return _warning(Subject.CLOCK, found, "synchronise both clocks by NTP")


def _ok(subject: Subject, found: str) -> Finding:
    return Finding(subject=subject, severity=Severity.OK, found=found)


def _warning(subject: Subject, found: str, advice: str) -> Finding:
    return Finding(subject=subject, severity=Severity.WARNING, found=found, advice=advice)


def _error(subject: Subject, found: str, advice: str) -> Finding:
    return Finding(subject=subject, severity=Severity.ERROR, found=found, advice=advice)


def _unseen(subject: Subject, what: str, command: str) -> Finding:
    return _warning(subject, f"{what} cannot be seen", f"allow Postdate the command {command}, or look yourself")
