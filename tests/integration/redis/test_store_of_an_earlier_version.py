"""A store that an earlier version has filled: this version reads it, delivers what is due and edits the rest.

`stores/store_0.1.0.json` has every key of such a store, with its type, what it holds, and how long it lives. What
is no text is in base64. `stores/shown_0.1.0.json` has what the HTTP API of that version said of it. What most
messages have in common is said once, in `usual_message`; of schedules, in `usual_schedule`.

Postdate 0.1.0 made both, on Valkey 9.1, in the namespace `before` with two partitions. Instances 1 to 3 were
containers with that name for `instance`; messages and schedules came through the HTTP application of the first.

1. `instance-1` delivered to a console that had no room for some, and to a receiver on port 8089 that answered 200,
   422 or 503. `instance-0` had a lease, claimed two and went without a word. So there are messages that were
   delivered, died, expired, were replayed, or wait for a retry. For a moment somebody listened to the feed of
   events. Two schedules occurred each second, until one of them ended and the other was edited.
2. `instance-2`, whose lease was two hours long, had the watch, and `instance-3` was its deputy. Both were
   processes, killed by SIGKILL in mid-delivery. `instance-4`, whose lease was two hours long as well, took over
   from `instance-3`, as the deputy too, and claimed again. `instance-5`, whose lease was one second long, claimed
   what goes into a stream. These two had leases alone, claimed by the message store, and went without a word.
3. Messages and schedules of every kind were added, edited, cancelled and replayed, and nobody delivered any more.
4. What the API showed was written down, and then each key that `SCAN` found under `postdate:{before*`.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from dependency_injector import providers
from httpx import ASGITransport, AsyncClient

from postdate.adapters.memory.clock import ManualClock
from postdate.domain.lease import Partition, Role
from postdate.domain.time.instant import to_ms, to_rfc3339
from postdate.entrypoints.container import Container
from postdate.entrypoints.http.app import create_app
from postdate.entrypoints.http.overview import overview_of
from postdate.entrypoints.http.parsing.limits import Limits
from postdate.entrypoints.lifespan import lifespan
from postdate.entrypoints.settings import Settings
from tests.unit.entrypoints.http.service import PrintedLines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from litestar import Litestar
    from redis.asyncio import Redis

STORES = Path(__file__).parent / "stores"
STORE: Any = json.loads((STORES / "store_0.1.0.json").read_text("utf-8"))
SHOWN: Any = json.loads((STORES / "shown_0.1.0.json").read_text("utf-8"))
MESSAGES: dict[str, Any] = {it["id"]: {**SHOWN["usual_message"], **it} for it in SHOWN["messages"]}
SCHEDULES: dict[str, Any] = {it["id"]: {**SHOWN["usual_schedule"], **it} for it in SHOWN["schedules"]}
THEN = datetime.fromisoformat(STORE["dumped_at"])
A_WHILE = timedelta(minutes=10)
"""Within that time the short leases of the dead run out."""
LONG = timedelta(hours=3)
"""Within that time all of them do."""
LONG_LEASES = {"instance-2", "instance-4"}
YEAR = timedelta(days=365)
"""So long is kept what has ended."""
STREAM = "postdate-test-orders"
WAITING = {"scheduled", "delivering"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """An instance of this version. For it no time has passed since the earlier one was gone."""

    app: Litestar
    client: AsyncClient
    clock: ManualClock
    container: Container
    console: PrintedLines

    async def ask(self, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401  # JSON
        answer = await self.client.request(method, path, json=document)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def message(self, message_id: str) -> Any:  # noqa: ANN401  # likewise
        return await self.ask("GET", f"/v1/messages/{message_id}")

    async def schedule(self, schedule_id: str) -> Any:  # noqa: ANN401  # likewise
        return await self.ask("GET", f"/v1/schedules/{schedule_id}")

    async def listed(self, query: str) -> list[str]:
        page = await self.ask("GET", f"/v1/messages?limit=1000&{query}")
        return [item["id"] for item in page["items"]]

    async def deliver(self, after: timedelta = timedelta(0)) -> Sequence[str]:
        """Delivers what is due after that time, and returns what was printed."""
        self.clock.advance(after)
        printed_before = len(self.console.lines)
        async with asyncio.timeout(10):
            await self.container.partition_supervisor().run_once()
        return self.console.lines[printed_before:]


@pytest.fixture
async def successor(server_url: str, namespace: str) -> AsyncIterator[Successor]:
    clock, console = ManualClock(THEN), PrintedLines()
    container = container_on(server_url, namespace, clock, console)
    await load(container.redis(), namespace)
    app = app_over(container)
    transport = ASGITransport(app)  # type: ignore[arg-type]  # the same, more precisely
    async with lifespan(container), AsyncClient(transport=transport, base_url="http://service") as client:
        yield Successor(app=app, client=client, clock=clock, container=container, console=console)
        await unload(container.redis(), namespace)


def container_on(url: str, namespace: str, clock: ManualClock, console: PrintedLines) -> Container:
    """Returns the service as it is set up by default: it learns from the store that there are two partitions."""
    container = Container(settings=Settings(redis_url=url, namespace=namespace, retention=YEAR))
    container.clock.override(providers.Object(clock))
    container.delivery_log.override(providers.Object(console))
    for scripts in (container.scripts, container.schedule_scripts):
        scripts.add_kwargs(now_ms=providers.Object(lambda: to_ms(clock.now())))
    return container


def app_over(container: Container) -> Litestar:
    settings = container.settings()
    return create_app(
        schedule=container.schedule_message,
        schedule_many=container.schedule_messages,
        find=container.find_message,
        cancel=container.cancel_message,
        edit=container.edit_message,
        hasten=container.deliver_message_now,
        replay=container.replay_message,
        check=container.check_readiness,
        overview=overview_of(
            container.list_messages,
            container.cancel_messages,
            container.replay_messages,
            container.forecast_messages,
            container.watch_events,
            settings.timezone,
        ),
        schedules=container.schedules,
        zone=settings.timezone,
        limits=Limits(max_body_bytes=settings.max_body_bytes, max_request_bytes=settings.max_request_bytes),
    )


class Watcher:
    """An ASGI client of `/v1/events` that has seen nothing yet, and leaves after so many events."""

    scope: ClassVar[dict[str, Any]] = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/events",
        "raw_path": b"/v1/events",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"last-event-id", b"0-0.0")],
        "server": ("service", 80),
        "client": ("127.0.0.1", 1),
    }

    def __init__(self, *, leaves_after: int) -> None:
        self.told: list[Any] = []
        self._leaves_after = leaves_after
        self._left = asyncio.Event()

    async def receive(self) -> Any:  # noqa: ANN401  # as ASGI has it
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:  # noqa: ANN401  # likewise
        _, _, data = message.get("body", b"").partition(b"\ndata: ")
        if data and json.loads(data):  # a gap has nothing in it
            self.told.append(json.loads(data))
        if len(self.told) == self._leaves_after:
            self._left.set()


# ------------------------------------------------------------------ the dump


async def load(redis: Redis, namespace: str) -> None:
    ask: Any = redis.execute_command
    await redis.unlink(STREAM)
    for name_then, key in STORE["keys"].items():
        name = name_then.replace(f"{{{STORE['namespace']}", f"{{{namespace}", 1)
        for command, *arguments in writing(key["type"], key["holds"]):
            await ask(command, name, *arguments)
        if "ttl_ms" in key:
            await redis.pexpire(name, key["ttl_ms"])


async def unload(redis: Redis, namespace: str) -> None:
    await redis.unlink(STREAM)
    async for name in redis.scan_iter(f"postdate:{{{namespace}*", count=1_000):
        await redis.unlink(name)


def writing(kind: str, holds: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401  # JSON
    """Returns the commands that write a key, without its name."""
    if kind == "string":
        yield "SET", content_of(holds)
    elif kind == "hash":
        yield "HSET", *chain.from_iterable((field, content_of(value)) for field, value in holds.items())
    elif kind == "zset":
        yield "ZADD", *chain.from_iterable((score, member) for member, score in holds.items())
    elif kind == "stream":
        for entry_id, fields in holds.items():
            pairs = ((field, content_of(value)) for field, value in fields.items())
            yield "XADD", entry_id, *chain.from_iterable(pairs)
    else:
        yield {"list": "RPUSH", "set": "SADD"}[kind], *map(content_of, holds)


def content_of(value: Any) -> bytes:  # noqa: ANN401  # JSON
    return value.encode() if isinstance(value, str) else b64decode(value["base64"])


# ------------------------------------------------------------------ what is expected


def id_of(body: object) -> str:
    (found,) = (it["id"] for it in MESSAGES.values() if it["body"] == body and it["status"] in {*WAITING, "dead"})
    return str(found)


def schedule_of(body: object) -> str:
    (found,) = (it["id"] for it in SCHEDULES.values() if it["body"] == body)
    return str(found)


def due_within(span: timedelta) -> list[Any]:
    """Returns messages in the order of their deliveries: each partition in turn, in due order."""
    now = to_rfc3339(THEN + span)
    due = [it for it in MESSAGES.values() if it["status"] in WAITING and it["due_at"] <= now]
    return sorted(due, key=lambda it: (it["id"][-1], it["due_at"], it["id"]))


def may_be_tried_within(span: timedelta) -> list[Any]:
    """Returns those of them that are neither too late by then nor without an attempt after that of the dead."""
    now = to_rfc3339(THEN + span)
    in_time = [it for it in due_within(span) if it["expires_at"] is None or it["expires_at"] >= now]
    return [it for it in in_time if it["attempts"] + (it["status"] == "delivering") < it["retry"]["attempts"]]


def holder_of(message: Any) -> str:  # noqa: ANN401  # JSON
    return str(message["timeline"][-1]["instance"])


def line_of(body: Any) -> str:  # noqa: ANN401  # JSON
    return body if isinstance(body, str) else json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def as_before(shown: Any, before: Any) -> Any:  # noqa: ANN401  # JSON
    """Returns what is shown in the fields that there were before: a later version may have more."""
    return {field: shown[field] for field in before}


# ------------------------------------------------------------------ messages


async def test_messages_of_an_earlier_version_read_as_before(successor: Successor) -> None:
    for message_id, before in MESSAGES.items():
        assert as_before(await successor.message(message_id), before) == before


@pytest.mark.parametrize("query", SHOWN["lists"])
async def test_lists_find_what_they_found_before(successor: Successor, query: str) -> None:
    assert await successor.listed(query) == SHOWN["lists"][query]


async def test_all_that_is_due_is_delivered_once_and_in_its_order(successor: Successor) -> None:
    to_console = [it for it in may_be_tried_within(LONG) if it["to"].startswith("console")]
    printed = await successor.deliver(after=LONG)
    own = [line for line in printed if line != "occurs a few times"]
    assert own == [line_of(it["body"]) for it in to_console if it["schedule_id"] is None]
    assert len(own) == len(set(own)) > 10
    assert await successor.deliver() == []


async def test_what_goes_into_a_stream_is_put_into_it_once_and_in_its_order(successor: Successor) -> None:
    ask: Any = successor.container.redis().execute_command
    to_stream = [it for it in may_be_tried_within(LONG) if it["to"] == f"stream:{STREAM}"]
    await successor.deliver(after=LONG)
    await successor.deliver()
    put = [fields for _, fields in await ask("XRANGE", STREAM, "-", "+")]
    assert [fields[b"id"].decode() for fields in put] == [it["id"] for it in to_stream]
    assert [json.loads(fields[b"body"]) for fields in put] == [it["body"] for it in to_stream]
    assert len(put) == 4


async def test_what_is_delivered_keeps_its_history(successor: Successor) -> None:
    await successor.deliver(after=LONG)
    for before in may_be_tried_within(LONG):
        shown = await successor.message(before["id"])
        assert (shown["status"], shown["timeline"][-1]["event"]) == ("delivered", "delivered")
        assert shown["timeline"][: len(before["timeline"])] == before["timeline"]


async def test_a_lease_that_lives_on_keeps_its_claims(successor: Successor) -> None:
    claimed = [it for it in MESSAGES.values() if it["status"] == "delivering"]
    await successor.deliver(after=A_WHILE)
    now = {it["id"]: (await successor.message(it["id"]))["status"] for it in claimed}
    assert now == {it["id"]: "delivering" if holder_of(it) in LONG_LEASES else "delivered" for it in claimed}
    assert set(now.values()) == {"delivering", "delivered"}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("partition", [Partition(0), Partition(1)])
async def test_a_role_is_taken_until_the_lease_of_its_holder_runs_out(
    successor: Successor, partition: Partition, role: Role
) -> None:
    locks = successor.container.locks()
    assert not await locks.acquire_role(await locks.acquire(partition, "heir", LONG), role)
    successor.clock.advance(LONG)
    assert await locks.acquire_role(await locks.acquire(partition, "heir", LONG), role)


@pytest.mark.parametrize("partition", [Partition(0), Partition(1)])
async def test_a_new_lease_has_a_later_token(successor: Successor, partition: Partition) -> None:
    leases = STORE["keys"][f"postdate:{{before:{partition}}}:leases"]["holds"]
    lease = await successor.container.locks().acquire(partition, "heir", LONG)
    assert lease.token > max(int(token) for token in leases)


async def test_claims_of_the_dead_are_taken_over_and_counted_as_attempts(successor: Successor) -> None:
    taken_over = [it for it in may_be_tried_within(LONG) if it["status"] == "delivering"]
    await successor.deliver(after=LONG)
    for before in taken_over:
        shown = await successor.message(before["id"])
        assert shown["attempts"] == before["attempts"] + 2
        assert shown["timeline"][len(before["timeline"])]["result"] == "owner lost"
    assert {it["id"][-1] for it in taken_over} == {"0", "1"}


async def test_what_has_ended_is_forgotten_in_its_time(successor: Successor) -> None:
    ended = {*chain.from_iterable(SHOWN["lists"][f"status={it}"] for it in ("delivered", "cancelled", "expired"))}
    successor.clock.advance(YEAR)
    assert ended <= {*await successor.listed("")}
    for partition in "01":  # what ends has the partition forget
        waiting = next(it for it in SHOWN["lists"]["status=scheduled"] if it.endswith(partition))
        await successor.ask("DELETE", f"/v1/messages/{waiting}")
    assert not ended & {*await successor.listed("")}


async def test_what_is_due_but_may_not_be_tried_ends(successor: Successor) -> None:
    await successor.deliver(after=LONG)
    too_late = await successor.message(id_of("is due, and expires in a minute"))
    given_up = await successor.message(id_of("was claimed for its only attempt"))
    assert (too_late["status"], too_late["attempts"]) == ("expired", 0)
    assert (given_up["status"], given_up["attempts"]) == ("dead", 1)
    assert given_up["failures"][-1]["reason"].startswith("owner lost")


async def test_a_message_can_be_edited(successor: Successor) -> None:
    (message_id,) = SHOWN["lists"]["label=été"]
    changes = {"body": "otherwise", "at": "2096-02-02T00:00:00.000Z", "labels": ["otherwise"], "expires_at": None}
    shown = await successor.ask("PATCH", f"/v1/messages/{message_id}", changes)
    expected = {**MESSAGES[message_id], **changes, "due_at": changes["at"], "timeline": shown["timeline"]}
    assert as_before(shown, expected) == expected
    assert [it["event"] for it in shown["timeline"]] == ["scheduled", "rescheduled"]
    assert await successor.listed("label=otherwise") == [message_id]
    assert await successor.listed("label=été") == []


async def test_a_message_can_be_cancelled(successor: Successor) -> None:
    message_id = id_of("waits, but not for long")
    await successor.ask("DELETE", f"/v1/messages/{message_id}")
    cancelled = await successor.listed("status=cancelled")
    assert sorted(cancelled) == sorted([*SHOWN["lists"]["status=cancelled"], message_id])
    assert await successor.listed("label=a label: of words&status=scheduled") == []


async def test_messages_of_a_label_can_be_cancelled(successor: Successor) -> None:
    asked = {"label": "invoice", "status": "scheduled"}
    known = len(SHOWN["lists"]["label=invoice&status=scheduled"])
    assert await successor.ask("POST", "/v1/messages/cancel", asked) == {"matched": known, "changed": known}
    assert await successor.listed("label=invoice&status=scheduled") == []


async def test_a_message_can_be_delivered_now(successor: Successor) -> None:
    message_id = id_of("waits, and that is all")
    await successor.ask("POST", f"/v1/messages/{message_id}/deliver")
    assert (await successor.deliver()).count("waits, and that is all") == 1
    assert (await successor.message(message_id))["status"] == "delivered"


async def test_a_retry_comes_when_it_is_due(successor: Successor) -> None:
    message_id = id_of("waits for its second attempt")
    due_at = datetime.fromisoformat(MESSAGES[message_id]["due_at"])
    await successor.ask("PATCH", f"/v1/messages/{message_id}", {"to": "console"})
    too_early = await successor.deliver(after=due_at - THEN - timedelta(milliseconds=1))
    assert "waits for its second attempt" not in too_early
    assert await successor.deliver(after=timedelta(milliseconds=1)) == ["waits for its second attempt"]
    assert (await successor.message(message_id))["attempts"] == 2


async def test_a_dead_message_can_be_replayed(successor: Successor) -> None:
    message_id = id_of("failed thrice")
    replayed = await successor.ask("POST", f"/v1/messages/{message_id}/replay")
    await successor.ask("PATCH", f"/v1/messages/{message_id}", {"to": "console"})
    assert (replayed["status"], replayed["attempts"]) == ("scheduled", 0)
    assert (await successor.deliver()).count("failed thrice") == 1
    shown = await successor.message(message_id)
    events = [it["event"] for it in shown["timeline"]]
    assert events[-4:] == ["replayed", "claimed", "attempt", "delivered"]
    assert shown["failures"] == MESSAGES[message_id]["failures"]


@pytest.mark.parametrize("request_", SHOWN["requests"], ids=lambda it: it["id"])
async def test_a_key_answers_with_its_first_message(successor: Successor, request_: Any) -> None:  # noqa: ANN401  # JSON
    document, headers = request_["document"], request_["headers"]
    again = await successor.client.post("/v1/messages", json=document, headers=headers)
    other = await successor.client.post("/v1/messages", json={**document, "body": "another"}, headers=headers)
    assert (again.status_code, again.json()["id"]) == (HTTPStatus.OK, request_["id"])
    assert again.headers["idempotent-replayed"] == "true"
    assert other.status_code == request_["answer_to_another"] == HTTPStatus.CONFLICT


# ------------------------------------------------------------------ schedules


async def test_schedules_of_an_earlier_version_read_as_before(successor: Successor) -> None:
    listed = (await successor.ask("GET", "/v1/schedules"))["items"]
    assert [it["id"] for it in listed] == list(SCHEDULES)
    for schedule_id, before in SCHEDULES.items():
        assert as_before(await successor.schedule(schedule_id), before) == before
        ahead = await successor.ask("GET", f"/v1/schedules/{schedule_id}/next?count=3")
        assert ahead["items"] == SHOWN["ahead"][schedule_id]


async def test_a_schedule_occurs_at_its_next_time_and_goes_on(successor: Successor) -> None:
    schedule_id = schedule_of({"happy": "new year"})
    this_year, next_year, _ = SHOWN["ahead"][schedule_id]
    printed = await successor.deliver(after=datetime.fromisoformat(this_year) - THEN)
    shown = await successor.schedule(schedule_id)
    assert printed.count('{"happy":"new year"}') == 1
    assert (shown["next_at"], shown["status"]) == (next_year, "active")
    assert (await successor.message(SCHEDULES[schedule_id]["next_message_id"]))["status"] == "delivered"
    assert (await successor.message(shown["next_message_id"]))["at"] == next_year


async def test_a_schedule_makes_up_for_what_it_has_missed_and_ends(successor: Successor) -> None:
    schedule_id = schedule_of("occurs a few times")
    printed = await successor.deliver(after=A_WHILE)
    assert printed.count("occurs a few times") == len(SHOWN["ahead"][schedule_id])
    assert (await successor.schedule(schedule_id))["status"] == "ended"


async def test_a_schedule_leaves_out_what_it_has_missed(successor: Successor) -> None:
    schedule_id = schedule_of("is left out if missed")
    missed_at, next_at, _ = SHOWN["ahead"][schedule_id]
    printed = await successor.deliver(after=datetime.fromisoformat(missed_at) + A_WHILE - THEN)
    assert "is left out if missed" not in printed
    assert (await successor.message(SCHEDULES[schedule_id]["next_message_id"]))["status"] == "expired"
    assert (await successor.schedule(schedule_id))["next_at"] == next_at


async def test_a_schedule_can_be_edited(successor: Successor) -> None:
    schedule_id = schedule_of({"happy": "new year"})
    changes = {"body": "happy birthday", "cron": "30 9 2 3 *", "labels": ["birthday"]}
    shown = await successor.ask("PATCH", f"/v1/schedules/{schedule_id}", changes)
    next_one = await successor.message(shown["next_message_id"])
    assert as_before(shown, changes) == changes
    assert next_one["body"] == "happy birthday"
    assert next_one["at"] == shown["next_at"] == "2027-03-02T08:30:00.000Z"
    assert await successor.listed("label=birthday") == [next_one["id"]]
    assert await successor.listed("label=yearly&status=scheduled") == []


async def test_a_schedule_can_be_paused_and_resumed(successor: Successor) -> None:
    schedule_id = schedule_of({"happy": "new year"})
    before = SCHEDULES[schedule_id]
    paused = await successor.ask("POST", f"/v1/schedules/{schedule_id}/pause")
    assert (paused["status"], paused["next_at"]) == ("paused", None)
    assert (await successor.message(before["next_message_id"]))["status"] == "cancelled"
    resumed = await successor.ask("POST", f"/v1/schedules/{schedule_id}/resume")
    assert (resumed["status"], resumed["next_at"]) == ("active", before["next_at"])


async def test_a_paused_schedule_can_be_resumed(successor: Successor) -> None:
    schedule_id = schedule_of("good morning")
    shown = await successor.ask("POST", f"/v1/schedules/{schedule_id}/resume")
    assert (shown["status"], shown["next_at"]) == ("active", SHOWN["ahead"][schedule_id][0])


async def test_an_ended_schedule_can_be_given_more(successor: Successor) -> None:
    schedule_id = schedule_of("occurred")
    shown = await successor.ask("PATCH", f"/v1/schedules/{schedule_id}", {"cron": "0 0 1 1 *", "ends_at": None})
    assert (shown["status"], shown["next_at"]) == ("active", "2027-01-01T00:00:00.000Z")


async def test_a_schedule_can_be_deleted(successor: Successor) -> None:
    schedule_id = schedule_of("a day of that year")
    await successor.ask("DELETE", f"/v1/schedules/{schedule_id}")
    assert (await successor.client.get(f"/v1/schedules/{schedule_id}")).status_code == HTTPStatus.NOT_FOUND
    assert (await successor.message(SCHEDULES[schedule_id]["next_message_id"]))["status"] == "cancelled"


# ------------------------------------------------------------------ what else is kept


async def test_the_secret_of_webhooks_is_the_same(successor: Successor) -> None:
    assert await successor.container.webhook_secrets()() == (SHOWN["secret"],)


async def test_one_who_watched_can_go_on_where_the_earlier_version_ended(successor: Successor) -> None:
    watcher = Watcher(leaves_after=len(SHOWN["events"]))
    async with asyncio.timeout(10):
        await successor.app(watcher.scope, watcher.receive, watcher.send)  # type: ignore[arg-type]  # as ASGI has it
    assert watcher.told == SHOWN["events"]
