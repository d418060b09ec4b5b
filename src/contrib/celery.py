"""Has Postdate hold the tasks of a Celery application until their ETA.

    app = Celery("shop", broker=…, task_cls="postdate.contrib.celery:PostdateTask")

From then on `task.apply_async(eta=…)` and `countdown=…`, and a task's `retry(countdown=…)`, hand the task to
Postdate, which enqueues it when its time has come. No worker holds it until then, so no visibility timeout runs
out meanwhile. All else goes to the broker as ever.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from celery import Celery, Task  # type: ignore[import-untyped]  # it carries no types
from celery.utils import uuid  # type: ignore[import-untyped]  # likewise
from celery.utils.time import maybe_make_aware  # type: ignore[import-untyped]  # likewise
from kombu.utils.json import dumps

from ..adapters.channels.task_queues.celery import OPTIONS
from .postdate_client import PostdateClient, PostdateRefusedError, PostdateUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PostdateRefusedError", "PostdateTask", "PostdateUnavailableError", "install"]

logger = logging.getLogger("postdate.contrib.celery")

TASK_CLASS = "postdate.contrib.celery:PostdateTask"
_FOR_NOBODY = frozenset({"add_to_parent", "redelivered", "retry", "retry_policy"})
"""Options without a meaning once another process sends the task."""


def install(app: Celery, url: str, *, api_key: str = "", fallback: bool = False) -> None:
    """Has the tasks of an application go through the Postdate at an address, in place of that of the environment.

    Args:
        app: the application; none of its tasks is defined yet.
        url: the address of Postdate.
        api_key: the secret of a key that may write.
        fallback: whether a task that Postdate does not take goes to the broker with its ETA, as ever.

    Raises:
        RuntimeError: it has tasks already, of the class that they had.
    """
    if "Task" in vars(app):
        raise RuntimeError("postdate.contrib.celery.install(app) has to come before the first task of the app")
    app.task_cls = TASK_CLASS
    app.postdate = PostdateClient(url=url, api_key=api_key, fallback=fallback)


class PostdateTask(Task):  # type: ignore[misc]  # Celery carries no types
    """A task whose calls with a time in the future wait at Postdate."""

    abstract = True

    def apply_async(
        self,
        args: Any = None,  # noqa: ANN401  # as in the class above
        kwargs: Any = None,  # noqa: ANN401  # likewise
        task_id: str | None = None,
        producer: Any = None,  # noqa: ANN401  # likewise
        **options: Any,  # noqa: ANN401  # likewise
    ) -> Any:  # noqa: ANN401  # likewise
        """Calls the task as `Task.apply_async` does, at its time.

        Raises:
            PostdateRefusedError: Postdate will not have the task; not where it is told to fall back, and not of a
                retry, which goes to the broker instead.
            PostdateUnavailableError: Postdate is not there; likewise.
        """
        task_id = task_id or uuid()
        app = self._get_app()
        at = _time_of(options, app)
        if at is not None and producer is None and not app.conf.task_always_eager and _is_carried(options):
            client: PostdateClient = getattr(app, "postdate", None) or PostdateClient.from_environment()
            call = _Call(args=args or (), kwargs=kwargs or {}, task_id=task_id, options=options)
            try:
                return self._schedule(client, at, call)
            except (PostdateRefusedError, PostdateUnavailableError) as error:
                # Celery drops a task whose retry cannot be called, and a broker that it came from is there.
                if not client.fallback and not options.get("retries"):
                    raise
                logger.warning("task %s[%s] goes to the broker with its ETA: %s", self.name, task_id, error)
        return super().apply_async(args, kwargs, task_id=task_id, producer=producer, **options)

    def _schedule(self, client: PostdateClient, at: datetime, call: _Call) -> Any:  # noqa: ANN401  # likewise
        if self.typing and (check_arguments := getattr(self, "__header__", None)) is not None:
            check_arguments(*call.args, **call.kwargs)
        at_ms = math.ceil(at.timestamp() * 1000)
        carried = self._carried(call) | {"task_id": call.task_id}
        body = {"args": list(call.args), "kwargs": call.kwargs, "options": carried}
        document = _to_json({"to": f"celery:{self.name}", "at": at_ms, "body": body})
        client.schedule(document, key=f"{call.task_id}.{carried.get('retries', 0)}.{at_ms}")
        return self.AsyncResult(call.task_id)

    def _carried(self, call: _Call) -> dict[str, Any]:
        """Returns the options as Celery would have made them, routed by this application, without the time."""
        app = self._get_app()
        merged = {"ignore_result": self.ignore_result, **self._get_exec_options(), **_family(app), **call.options}
        merged["shadow"] = merged.get("shadow") or self.shadow_name(call.args, call.kwargs, call.options)
        expires = _absolute(merged.get("expires"), app)
        given = {name: value for name, value in merged.items() if value is not None}
        routed = app.amqp.router.route(given, self.name, call.args, call.kwargs, self)
        named = {name: _name(value) for name, value in routed.items() if name in OPTIONS and value is not None}
        return named | ({"expires": expires} if expires else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    task_id: str
    options: dict[str, Any]


def _time_of(options: dict[str, Any], app: Celery) -> datetime | None:
    """Returns when a task is to be called, if that is in the future."""
    countdown, eta = options.get("countdown"), options.get("eta")
    if countdown:
        return datetime.now(UTC) + timedelta(seconds=countdown) if countdown > 0 else None
    if not eta:
        return None
    at: datetime = maybe_make_aware(datetime.fromisoformat(eta) if isinstance(eta, str) else eta, app.timezone)
    return at if at > datetime.now(UTC) else None


def _is_carried(options: dict[str, Any]) -> bool:
    given = {name for name, value in options.items() if value is not None}
    foreign = given - OPTIONS - _FOR_NOBODY - {"eta", "countdown"}
    if foreign:
        logger.warning("a task with the options %s goes to the broker with its ETA", ", ".join(sorted(foreign)))
    return not foreign


def _family(app: Celery) -> dict[str, str]:
    """Returns what ties a task to the one that calls it."""
    parent = app.current_worker_task
    if parent is None:
        return {}
    return {"root_id": parent.request.root_id or parent.request.id, "parent_id": parent.request.id}


def _absolute(expires: Any, app: Celery) -> str | None:  # noqa: ANN401  # a moment, its text, or seconds from now
    if isinstance(expires, int | float):
        expires = datetime.now(UTC) + timedelta(seconds=expires)
    if isinstance(expires, datetime):
        return str(maybe_make_aware(expires, app.timezone).isoformat())
    return expires or None


def _name(value: Any) -> Any:  # noqa: ANN401  # a queue or an exchange of kombu, or what JSON has
    return getattr(value, "name", value)


def _to_json(document: dict[str, Any]) -> bytes:
    """Returns JSON as kombu writes it: a worker reads dates, decimals and the like from it as what they were.

    Raises:
        PostdateRefusedError: there is an argument that kombu cannot write.
    """
    try:
        return str(dumps(document)).encode()  # type: ignore[no-untyped-call]  # it has no types
    except (TypeError, ValueError) as error:
        raise PostdateRefusedError(f"the task cannot be written as JSON: {error}") from error
