from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]  # it has no types
from kombu.entity import Queue

from postdate.adapters.channels.task_queues.celery_options import OPTIONS
from postdate.contrib.celery import install
from postdate.contrib.postdate_client import PostdateClient, PostdateRefusedError, PostdateUnavailableError

QUEUE = Queue("slow")  # type: ignore[no-untyped-call]  # kombu has few types
ETA = datetime(2199, 1, 1, 12, tzinfo=UTC)


class FakePostdate(PostdateClient):
    """A client that records messages, or raises."""

    def schedule(self, document: bytes, key: str) -> None:
        if self.url == "down":
            raise PostdateUnavailableError("down")
        SCHEDULED.append((json.loads(document), key))


SCHEDULED: list[tuple[dict[str, Any], str]] = []


@pytest.fixture
def app() -> Celery:
    SCHEDULED.clear()
    app = Celery("shop", broker="memory://", set_as_current=False)
    install(app, "http://postdate")
    app.postdate = FakePostdate(url="http://postdate")
    app.conf.task_default_queue = "shop"
    return app


def task_of(app: Celery) -> Any:  # noqa: ANN401  # Celery has no types
    @app.task(name="mail.send")  # type: ignore[untyped-decorator]  # likewise
    def send(who: str, *, copy: bool = False) -> None: ...

    return send


def take_from_broker(app: Celery, queue: str = "shop") -> int:
    with app.connection_or_acquire() as connection, connection.SimpleQueue(queue) as messages:
        size: int = messages.qsize()
        messages.clear()
        return size


def test_a_call_with_a_future_time_goes_to_postdate_with_all_its_options(app: Celery) -> None:
    app.conf.task_routes = {"mail.send": {"priority": 3}}
    task = task_of(app)
    result = task.apply_async(("me",), {"copy": True}, eta=ETA, task_id="id", queue=QUEUE, expires=ETA)
    assert result.id == "id"
    ((document, key),) = SCHEDULED
    at_ms = int(ETA.timestamp() * 1000)
    assert (document["to"], document["at"], key) == ("celery:mail.send", at_ms, f"id.0.{at_ms}")
    assert (document["body"]["args"], document["body"]["kwargs"]) == (["me"], {"copy": True})
    options = document["body"]["options"]
    assert {"task_id": "id", "queue": "slow", "priority": 3, "expires": ETA.isoformat()}.items() <= options.items()
    assert options.keys() <= OPTIONS | {"task_id"}
    assert take_from_broker(app) == take_from_broker(app, "slow") == 0


def test_a_countdown_becomes_a_time_and_the_queue_is_the_default_of_the_application(app: Celery) -> None:
    before = datetime.now(UTC)
    task_of(app).apply_async(("me",), countdown=60)
    ((document, _),) = SCHEDULED
    assert (
        timedelta(seconds=59) < datetime.fromtimestamp(document["at"] / 1000, UTC) - before < timedelta(seconds=90)
    )
    assert document["body"]["options"]["queue"] == "shop"


def test_a_time_without_a_zone_is_in_utc_as_for_a_worker(app: Celery) -> None:
    app.conf.timezone = "Europe/Prague"
    task_of(app).apply_async(("me",), eta=datetime(2199, 1, 1, 12))  # noqa: DTZ001  # the test is about a time without a zone
    assert SCHEDULED[0][0]["at"] == int(ETA.timestamp() * 1000)


@pytest.mark.parametrize(
    "when", [{}, {"countdown": 0}, {"countdown": -1}, {"eta": datetime(2020, 1, 1, tzinfo=UTC)}]
)
def test_a_call_that_is_due_goes_to_the_broker(app: Celery, when: dict[str, Any]) -> None:
    task_of(app).apply_async(("me",), **when)
    assert (SCHEDULED, take_from_broker(app)) == ([], 1)


def test_a_call_with_an_option_that_json_cannot_carry_goes_to_the_broker(
    app: Celery, caplog: pytest.LogCaptureFixture
) -> None:
    task_of(app).apply_async(("me",), countdown=60, mandatory=True)
    assert (SCHEDULED, take_from_broker(app)) == ([], 1)
    assert "mandatory" in caplog.text


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"task": "other"}},
        {"headers": {"headers": {"a": 1}}},
        {"serializer": "pickle"},
        {"link": {"task": "other", "options": {"stamped_headers": ["a"]}}},
    ],
)
def test_a_call_with_a_value_that_postdate_does_not_accept_goes_to_the_broker(
    app: Celery, caplog: pytest.LogCaptureFixture, options: dict[str, Any]
) -> None:
    task_of(app).apply_async(("me",), countdown=60, **options)
    assert (SCHEDULED, take_from_broker(app)) == ([], 1)
    assert next(iter(options)) in caplog.text


def test_a_trace_header_and_a_link_go_to_postdate(app: Celery) -> None:
    task = task_of(app)
    task.apply_async(("me",), countdown=60, headers={"sentry-trace": "1"}, link=task.si("you"))
    options = SCHEDULED[0][0]["body"]["options"]
    assert options["headers"] == {"sentry-trace": "1"}
    assert options["link"]["task"] == "mail.send"


def test_wrong_arguments_are_refused_as_celery_refuses_them(app: Celery) -> None:
    with pytest.raises(TypeError, match="nobody"):
        task_of(app).apply_async(("me",), {"nobody": 1}, countdown=60)
    assert SCHEDULED == []


def test_an_argument_that_is_not_json_is_refused(app: Celery) -> None:
    with pytest.raises(PostdateRefusedError, match="cannot be written as JSON"):
        task_of(app).apply_async((object(),), countdown=60)


@pytest.mark.parametrize("fallback", [False, True])
def test_an_unavailable_postdate_is_an_error_or_with_fallback_the_task_goes_to_the_broker(
    app: Celery, *, fallback: bool
) -> None:
    app.postdate = FakePostdate(url="down", fallback=fallback)
    task = task_of(app)
    if not fallback:
        with pytest.raises(PostdateUnavailableError):
            task.apply_async(("me",), countdown=60)
    else:
        task.apply_async(("me",), countdown=60)
    assert take_from_broker(app) == int(fallback)


def test_a_retry_that_postdate_does_not_accept_goes_to_the_broker_because_celery_would_drop_it(
    app: Celery,
) -> None:
    app.postdate = FakePostdate(url="down")
    task_of(app).apply_async(("me",), countdown=60, retries=1)
    assert take_from_broker(app) == 1


def test_install_must_come_before_the_first_task(app: Celery) -> None:
    task_of(app).apply_async(("me",))
    assert take_from_broker(app) == 1
    with pytest.raises(RuntimeError, match="before the first task"):
        install(app, "http://postdate")
