"""The header of each Lua script agrees with the method that runs it, and with its code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.redis.keys import PartitionKeys
from postdate.adapters.redis.scripts.claim_scripts import ClaimScripts
from postdate.adapters.redis.scripts.durable_scripts import DurableScripts
from postdate.adapters.redis.scripts.lease_scripts import LeaseScripts
from postdate.adapters.redis.scripts.loaded_scripts import LoadedScripts, source_of
from postdate.adapters.redis.scripts.message_scripts import MessageScripts
from postdate.adapters.redis.scripts.schedule_scripts import ScheduleScripts, ScheduleUpdateRow
from postdate.adapters.redis.scripts.search import Search
from postdate.domain.lease import Lease, Partition

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

FOLDER = resources.files("postdate.adapters.redis").joinpath("lua")
GROUPS = ("messages", "claims", "schedules", "leases")
PATHS = {
    entry.name.removesuffix(".lua"): f"{group}/{entry.name.removesuffix('.lua')}"
    for group in GROUPS
    for entry in FOLDER.joinpath(group).iterdir()
}
NAMES = sorted(PATHS)
SOURCES = {name: source_of(path) for name, path in PATHS.items()}
READS_ONLY = "#!lua flags=no-writes"
NEEDS_ROOM = "#!lua"
WORKS_WITHOUT_ROOM = "#!lua flags=allow-oom"
SHEBANGS = {
    "count_due": READS_ONLY,
    "find_messages": READS_ONLY,
    "get_message": READS_ONLY,
    "get_schedule": READS_ONLY,
    "get_partition_state": READS_ONLY,
    "page_schedules": READS_ONLY,
    "find_due_schedules": READS_ONLY,
    "add_keyed_messages": NEEDS_ROOM,
    "add_messages": NEEDS_ROOM,
    "add_schedule": NEEDS_ROOM,
}

KEYS = PartitionKeys("n", Partition(0))
LEASE = Lease(
    partition=Partition(0), owner="an owner", token=222, ttl=timedelta(milliseconds=333), nonce="a nonce"
)
SEARCH = Search(
    queue_keys=[KEYS.due, KEYS.labels],
    label="a label",
    status_codes=(0, 4),
    after=(777, "a position"),
    before_ms=999,
    limit=444,
    max_checked=1000,
)
UPDATE = ScheduleUpdateRow(
    schedule_id="an id",
    revision_before=0,
    record=b"record",
    next_ms=None,
    cancelled=None,
    labels=b"",
    occurrences=(),
)
SCHEDULE_CALLS: dict[str, Callable[[ScheduleScripts], Awaitable[object]]] = {
    "add_schedule": lambda scripts: scripts.add_schedule(KEYS, (555, 666), UPDATE),
    "get_schedule": lambda scripts: scripts.get_schedule(KEYS, "an id"),
    "page_schedules": lambda scripts: scripts.page_schedules(KEYS, "an id", 444),
    "find_due_schedules": lambda scripts: scripts.find_due_schedules(KEYS, 444),
    "remove_schedule": lambda scripts: scripts.remove_schedule(
        KEYS, (555, 666), "an id", 888, ("a message", 777, b"becomes")
    ),
    "write_schedules": lambda scripts: scripts.write_schedules(KEYS, (555, 666), (), durable=False),
}
MESSAGE_CALLS: dict[str, Callable[[MessageScripts], Awaitable[object]]] = {
    "add_messages": lambda scripts: scripts.add_messages(KEYS, [("an id", 777, b"becomes", b"labels")]),
    "add_keyed_messages": lambda scripts: scripts.add_keyed_messages(KEYS, 888, ()),
    "change_message": lambda scripts: scripts.change_message(
        KEYS, (555, 666), "an id", was=(KEYS.due, b"was"), becomes=(KEYS.done, 777, b"becomes", b"labels")
    ),
    "count_due": lambda scripts: scripts.count_due(KEYS, 777, 1777, 1000, 60),
    "find_messages": lambda scripts: scripts.find_messages(KEYS, SEARCH),
    "get_message": lambda scripts: scripts.get_message(KEYS, "an id"),
}
CLAIM_CALLS: dict[str, Callable[[ClaimScripts], Awaitable[object]]] = {
    "claim_due": lambda scripts: scripts.claim_due(KEYS, LEASE, 444),
    "get_partition_state": lambda scripts: scripts.get_partition_state(KEYS),
    "give_back_claims": lambda scripts: scripts.give_back_claims(KEYS, LEASE, ()),
    "publish_and_settle": lambda scripts: scripts.publish_and_settle(
        KEYS, (555, 666), LEASE, ("stream", "a key", 888), ()
    ),
    "settle_claims": lambda scripts: scripts.settle_claims(KEYS, (555, 666), LEASE, ()),
}
LEASE_CALLS: dict[str, Callable[[LeaseScripts], Awaitable[object]]] = {
    "acquire_lease": lambda scripts: scripts.acquire_lease(KEYS, 333, "an owner", "a nonce"),
    "acquire_role": lambda scripts: scripts.acquire_role(KEYS, LEASE, "a role"),
    "release_lease": lambda scripts: scripts.release_lease(KEYS, LEASE),
    "renew_lease": lambda scripts: scripts.renew_lease(KEYS, LEASE, 333),
    "resign_role": lambda scripts: scripts.resign_role(KEYS, LEASE, "a role"),
}
DURABLE_CALLS: dict[str, Callable[[DurableScripts], Awaitable[object]]] = {
    "mark_write": lambda scripts: scripts.mark_write(KEYS),
}
CALLS: dict[type[LoadedScripts], dict[str, Callable[[Any], Awaitable[object]]]] = {
    MessageScripts: MESSAGE_CALLS,
    ClaimScripts: CLAIM_CALLS,
    LeaseScripts: LEASE_CALLS,
    ScheduleScripts: SCHEDULE_CALLS,
    DurableScripts: DURABLE_CALLS,
}
RUN_NO_SCRIPT_OF_THEIR_OWN = {"confirm_earlier_writes"}
ARGUMENTS: dict[str, object] = {
    "now_ms": 111,
    "token": 222,
    "nonce": "a nonce",
    "ttl_ms": 333,
    "limit": 444,
    "max_age_ms": 555,
    "max_count": 666,
    "id": "an id",
    "role": "a role",
    "owner": "an owner",
    "read_record": b"was",
    "from": 2,
    "to": 3,
    "due_ms": 777,
    "count": 1,
    "record": b"becomes",
    "packed": b"labels",
    "queues": "28",
    "label": "a label",
    "wanted": "04",
    "after_ms": 777,
    "after_id": "a position",
    "before_ms": 999,
    "max_checked": 1000,
    "begins_ms": 777,
    "ends_ms": 1777,
    "step_ms": 1000,
    "steps": 60,
    "kind": "stream",
    "max_length": 888,
    "kept_ms": 888,
    "begin": "(an id",
    "read_revision": 888,
    "message_id": "a message",
}
"""The arguments that the calls above pass, by the names that the headers give them."""
REPLIES: dict[str, object] = {
    "add_messages": [0],
    "add_keyed_messages": [0],
    "find_messages": [b"", b""],
    "publish_and_settle": [],
    "settle_claims": [],
    "get_partition_state": [0, b""],
    "acquire_lease": 1,
    "add_schedule": [0],
    "write_schedules": [0],
    "page_schedules": [b""],
    "find_due_schedules": [0, b""],
}


@dataclass
class _Call:
    source: str
    keys: Sequence[str] = ()
    args: Sequence[object] = ()


class _Driver:
    """A driver that records the registered scripts, and the calls."""

    def __init__(self) -> None:
        self.registered: list[str] = []
        self.calls: list[_Call] = []

    def register_script(self, source: str) -> Callable[..., Awaitable[object]]:
        self.registered.append(source)
        name = next(name for name, known in SOURCES.items() if known == source)

        async def call(*, keys: Sequence[str], args: Sequence[object]) -> object:
            self.calls.append(_Call(source, keys, args))
            return REPLIES.get(name)

        return call


async def call_of(name: str) -> _Call:
    driver: Any = _Driver()
    kind = next(kind for kind, calls in CALLS.items() if name in calls)
    try:
        await CALLS[kind][name](kind(driver, now_ms=lambda: 111))
    except TypeError:
        assert name in {"give_back_claims", "release_lease", "renew_lease"}, (
            "all other methods accept an empty reply"
        )
    (call,) = driver.calls
    return call  # type: ignore[no-any-return]  # it replaces a driver


def header_of(source: str) -> list[str]:
    lines = source.splitlines()[1:]
    return lines[: next(n for n, line in enumerate(lines) if not line.startswith("--"))]


def code_of(source: str) -> str:
    return "\n".join(line.split(" -- ")[0] for line in source.splitlines() if not line.startswith("--"))


def keys_named_in(source: str) -> list[tuple[int, str]]:
    named = (re.match(r"-- KEYS\[(\d+)\] (\w+)  ?", line) for line in header_of(source))
    return [(int(match[1]), match[2]) for match in named if match]


def arguments_named_in(source: str) -> list[tuple[int, str]]:
    named = (re.match(r"-- ARGV\[(\d+)\] (\w+)  ", line) for line in header_of(source))
    return [(int(match[1]), match[2]) for match in named if match]


def test_each_script_has_a_method_and_each_method_has_a_script() -> None:
    methods = {
        kind: {name for name, member in vars(kind).items() if callable(member) and name[0] != "_"}
        - RUN_NO_SCRIPT_OF_THEIR_OWN
        for kind in CALLS
    }
    assert methods == {kind: calls.keys() for kind, calls in CALLS.items()}
    assert {name for calls in CALLS.values() for name in calls} == SOURCES.keys()


def test_each_script_is_registered_once_and_the_mark_by_each_durable_class() -> None:
    driver: Any = _Driver()
    for kind in CALLS.keys() - {DurableScripts}:
        kind(driver)
    assert sorted(driver.registered) == sorted([*SOURCES.values(), SOURCES["mark_write"]])


@pytest.mark.parametrize("name", SOURCES)
async def test_a_method_calls_the_script_of_its_own_name(name: str) -> None:
    assert (await call_of(name)).source == SOURCES[name]


@pytest.mark.parametrize("name", SOURCES)
async def test_a_method_passes_the_keys_that_the_header_names_in_their_order(name: str) -> None:
    named = keys_named_in(SOURCES[name])
    assert [number for number, _ in named] == list(range(1, len(named) + 1))
    assert (await call_of(name)).keys == [getattr(KEYS, key, "a key") for _, key in named]


@pytest.mark.parametrize("name", SOURCES)
async def test_a_method_passes_the_arguments_that_the_header_names_in_their_order(name: str) -> None:
    named = arguments_named_in(SOURCES[name])
    assert [number for number, _ in named] == list(range(1, len(named) + 1))
    args = list((await call_of(name)).args)
    assert args[: len(named)] == [ARGUMENTS[name] for _, name in named]
    if name != "add_messages":  # whose message with labels says which keys there are
        assert args[len(named) :] == (list(UPDATE.args()) if name == "add_schedule" else [])


@pytest.mark.parametrize(
    "name",
    [
        "add_keyed_messages",
        "add_messages",
        "add_schedule",
        "give_back_claims",
        "publish_and_settle",
        "settle_claims",
        "write_schedules",
    ],
)
def test_repeated_arguments_begin_after_the_fixed_ones(name: str) -> None:
    (begin,) = re.findall(r"^-- ARGV\[(\d+)\.\.\] ", SOURCES[name], re.MULTILINE)
    assert int(begin) == len(arguments_named_in(SOURCES[name])) + 1


@pytest.mark.parametrize("name", SOURCES)
def test_the_header_of_a_script_states_what_it_does_and_what_it_returns(name: str) -> None:
    header = header_of(SOURCES[name])
    assert header[0].endswith(".")
    assert sum(line.startswith("-- Returns ") for line in header) == 1


@pytest.mark.parametrize("name", SOURCES)
def test_the_first_line_of_a_script_states_whether_it_needs_room(name: str) -> None:
    assert SOURCES[name].splitlines()[0] == SHEBANGS.get(name, WORKS_WITHOUT_ROOM)


@pytest.mark.parametrize("name", SOURCES)
def test_a_script_uses_every_key_it_is_given_and_no_other(name: str) -> None:
    used = {int(number) for number in re.findall(r"\bKEYS\[(\d+)\]", code_of(SOURCES[name]))}
    assert used == {number for number, _ in keys_named_in(SOURCES[name])}


@pytest.mark.parametrize("name", SOURCES)
def test_a_script_calls_commands_on_its_keys_alone(name: str) -> None:
    code = code_of(SOURCES[name])
    bound = {it for line in re.findall(r"local ([\w, ]+) =\s+KEYS\[", code) for it in line.split(", ")}
    if "local queues = {" in code:  # keys by their numbers
        bound |= {"from", "to", "queue"}
    if "local key, i = KEYS[n]" in code:  # an idempotency key
        bound |= {"key"}
    keys = re.findall(r"redis\.call\('(?!TIME)\w+', (KEYS\[[^]]+\]|\w+|'[^']*'|\"[^\"]*\")", code)
    assert keys
    assert all(key.startswith("KEYS[") or key in bound for key in keys)
    assert len(keys) + code.count("redis.call('TIME')") == code.count("redis.call(")
    assert not re.search(r"redis\.pcall|server\.|EVAL|postdate:", code)


@pytest.mark.parametrize("name", SOURCES)
def test_a_script_that_needs_the_time_accepts_the_time_of_a_test(name: str) -> None:
    needs_time = "redis.call('TIME')" in SOURCES[name]
    assert needs_time == bool(
        re.search(r"ARGV\[1\] now_ms +integer, ms; empty: the clock of the server", SOURCES[name])
    )
