"""Holds what each script says of itself against the method that calls it, and against what it does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from postdate.adapters.redis.keys import PartitionKeys
from postdate.adapters.redis.scripts.loaded_scripts import source_of
from postdate.adapters.redis.scripts.message_scripts import MessageScripts
from postdate.adapters.redis.scripts.replies import Search
from postdate.adapters.redis.scripts.schedule_scripts import ScheduleScripts, ScheduleUpdateRow
from postdate.domain.lease import Partition

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

FOLDER = resources.files("postdate.adapters.redis").joinpath("lua")
GROUPS = ("messages", "schedules", "leases")
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

KINDS = (MessageScripts, ScheduleScripts)
KEYS = PartitionKeys("n", Partition(0))
SEARCH = Search(
    store_targets=[KEYS.due, KEYS.labels],
    label="a label",
    codes=(0, 4),
    after=(777, "a position"),
    before_ms=999,
    limit=444,
    reach=1000,
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
CALLS: dict[str, Callable[[MessageScripts], Awaitable[object]]] = {
    "acquire_lease": lambda scripts: scripts.acquire_lease(KEYS, 333, "an owner"),
    "add_messages": lambda scripts: scripts.add_messages(KEYS, [("an id", 777, b"becomes", b"labels")]),
    "add_keyed_messages": lambda scripts: scripts.add_keyed_messages(KEYS, 888, ()),
    "change_message": lambda scripts: scripts.change_message(
        KEYS, (555, 666), "an id", was=(KEYS.due, b"was"), becomes=(KEYS.done, 777, b"becomes", b"labels")
    ),
    "count_due": lambda scripts: scripts.count_due(KEYS, (777, 1777, 1000), 60),
    "claim_due": lambda scripts: scripts.claim_due(KEYS, 222, 444),
    "find_messages": lambda scripts: scripts.find_messages(KEYS, SEARCH),
    "get_message": lambda scripts: scripts.get_message(KEYS, "an id"),
    "give_back_claims": lambda scripts: scripts.give_back_claims(KEYS, 222, end_lease=True),
    "publish_and_settle": lambda scripts: scripts.publish_and_settle(
        KEYS, (555, 666), 222, ("stream", "a key", 888), ()
    ),
    "resign_role": lambda scripts: scripts.resign_role(KEYS, 222, "a role"),
    "mark_write": lambda scripts: scripts.mark_write(KEYS),
    "get_partition_state": lambda scripts: scripts.get_partition_state(KEYS),
    "renew_lease": lambda scripts: scripts.renew_lease(KEYS, 222, 333),
    "settle_claims": lambda scripts: scripts.settle_claims(KEYS, (555, 666), 222, ()),
    "acquire_role": lambda scripts: scripts.acquire_role(KEYS, 222, "a role"),
}
ARGUMENTS: dict[str, object] = {
    "now, ms; empty: the server's clock": 111,
    "fencing token": 222,
    "time to live, ms": 333,
    "limit: ": 444,
    "retention of the finished past: its age, ms": 555,
    "retention of the finished past: its count": 666,
    "id of the position": "a position",
    "id of the message": "a message",
    "id": "an id",
    "role": "a role",
    "owner": "an owner",
    "the record as it was read": b"was",
    "number of the key it is in": 2,
    "number of the key it goes to": 3,
    "due, ms": 777,
    "how many messages there are": 1,
    "the record to write": b"becomes",
    "labels of the message, msgpack": b"labels",
    "numbers of the keys to look through": "28",
    "label to look for": "a label",
    "states to look for": "04",
    "due time of the position": 777,
    "due time before which to end": 999,
    "reach: ": 1000,
    "when the first step begins": 777,
    "when the first step ends": 1777,
    "length of the others": 1000,
    "how many steps": 60,
    "kind of the target": "stream",
    "about how many entries": 888,
    "whether the lease ends": 1,
    "how long a key is kept, ms": 888,
    "where to begin": "(an id",
    "revision as it was read": 888,
}
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
    """Notes which scripts are registered, and how the one that is called is called."""

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


def scripts_on(driver: Any) -> MessageScripts:  # noqa: ANN401 - it stands for a driver
    return MessageScripts(driver, now_ms=lambda: 111)


def schedule_scripts_on(driver: Any) -> ScheduleScripts:  # noqa: ANN401 - it stands for a driver
    return ScheduleScripts(driver, now_ms=lambda: 111)


async def call_of(name: str) -> _Call:
    driver = _Driver()
    try:
        if name in CALLS:
            await CALLS[name](scripts_on(driver))
        else:
            await SCHEDULE_CALLS[name](schedule_scripts_on(driver))
    except TypeError:
        assert name in {"give_back_claims", "renew_lease"}, "the reply of others is understood"
    (call,) = driver.calls
    return call


def header_of(source: str) -> list[str]:
    lines = source.splitlines()[1:]
    return lines[: next(n for n, line in enumerate(lines) if not line.startswith("--"))]


def code_of(source: str) -> str:
    return "\n".join(line.split(" -- ")[0] for line in source.splitlines() if not line.startswith("--"))


def keys_named_in(source: str) -> list[tuple[int, str]]:
    named = (re.match(r"-- KEYS\[(\d+)\] (\w+)  ?", line) for line in header_of(source))
    return [(int(match[1]), match[2]) for match in named if match]


def arguments_named_in(source: str) -> list[tuple[int, str]]:
    named = (re.match(r"-- ARGV\[(\d+)\] (.+)", line) for line in header_of(source))
    return [(int(match[1]), match[2]) for match in named if match]


def test_each_script_has_its_method_and_each_method_its_script() -> None:
    of = {kind: {name for name, it in vars(kind).items() if callable(it) and name[0] != "_"} for kind in KINDS}
    assert of == {MessageScripts: CALLS.keys(), ScheduleScripts: SCHEDULE_CALLS.keys()}
    assert CALLS.keys() | SCHEDULE_CALLS.keys() == SOURCES.keys()


def test_each_script_is_registered_once_and_the_mark_by_each_that_writes_durably() -> None:
    driver = _Driver()
    scripts_on(driver)
    schedule_scripts_on(driver)
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
    assert args[: len(named)] == [argument_for(text) for _, text in named]
    if name != "add_messages":  # whose message with labels says which keys there are
        assert args[len(named) :] == (list(UPDATE.args()) if name == "add_schedule" else [])


def argument_for(text: str) -> object:
    return next(value for meaning, value in ARGUMENTS.items() if text.startswith(meaning))


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
def test_arguments_without_end_begin_behind_the_fixed_ones(name: str) -> None:
    (begin,) = re.findall(r"^-- ARGV\[(\d+)\.\.\] ", SOURCES[name], re.MULTILINE)
    assert int(begin) == len(arguments_named_in(SOURCES[name])) + 1


@pytest.mark.parametrize("name", SOURCES)
def test_a_script_says_what_it_does_and_what_it_returns(name: str) -> None:
    header = header_of(SOURCES[name])
    assert header[0].endswith(".")
    assert sum(line.startswith("-- Returns ") for line in header) == 1


@pytest.mark.parametrize("name", SOURCES)
def test_a_script_says_what_it_may_do_without_room(name: str) -> None:
    assert SOURCES[name].splitlines()[0] == SHEBANGS.get(name, WORKS_WITHOUT_ROOM)


@pytest.mark.parametrize("name", SOURCES)
def test_a_script_uses_every_key_it_is_given_and_no_other(name: str) -> None:
    used = {int(number) for number in re.findall(r"\bKEYS\[(\d+)\]", code_of(SOURCES[name]))}
    assert used == {number for number, _ in keys_named_in(SOURCES[name])}


@pytest.mark.parametrize("name", SOURCES)
def test_a_script_calls_commands_on_its_keys_alone(name: str) -> None:
    code = code_of(SOURCES[name])
    bound = {it for line in re.findall(r"local ([\w, ]+) =\s+KEYS\[", code) for it in line.split(", ")}
    if "local queues = {" in code:  # each of which is a key, by its number
        bound |= {"from", "to", "queue"}
    if "local key, i = KEYS[n]" in code:  # the key of one message
        bound |= {"key"}
    keys = re.findall(r"redis\.call\('(?!TIME)\w+', (KEYS\[[^]]+\]|\w+|'[^']*'|\"[^\"]*\")", code)
    assert keys
    assert all(key.startswith("KEYS[") or key in bound for key in keys)
    assert len(keys) + code.count("redis.call('TIME')") == code.count("redis.call(")
    assert not re.search(r"redis\.pcall|server\.|EVAL|postdate:", code)


@pytest.mark.parametrize("name", SOURCES)
def test_a_script_that_needs_the_time_takes_that_of_a_test_where_one_is_given(name: str) -> None:
    asks = "redis.call('TIME')" in SOURCES[name]
    assert asks == ("ARGV[1] now, ms; empty: the server's clock" in SOURCES[name])
