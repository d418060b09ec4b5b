"""Makes the ETA tasks of a Celery application wait at Postdate.

    app = Celery("shop", broker=…, task_cls="postdate.contrib.celery:PostdateTask")

After that, `task.apply_async(eta=…)`, `task.apply_async(countdown=…)`, and a task's `self.retry(countdown=…)` post
the task to Postdate, which enqueues it at its time. No worker holds the task until then, so no visibility timeout
can run out. All other calls go directly to the broker.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from celery import Celery, Task  # type: ignore[import-untyped]  # it has no types
from celery.utils import uuid  # type: ignore[import-untyped]  # likewise
from kombu.utils.json import dumps

from ..adapters.channels.task_queues.celery_options import OPTIONS
from .celery_options import absolute_expiry, future_eta, json_value, parent_ids, refusal_of, unsupported_options
from .postdate_client import PostdateClient, PostdateRefusedError, PostdateUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

__all__ = ["PostdateRefusedError", "PostdateTask", "PostdateUnavailableError", "install"]

logger = logging.getLogger("postdate.contrib.celery")

TASK_CLASS = "postdate.contrib.celery:PostdateTask"


def install(app: Celery, url: str, *, api_key: str = "", fallback: bool = False) -> None:
    """Makes the tasks of an application use the Postdate at a given address, not the one of the environment.

    Args:
        app: The application. None of its tasks may be defined yet.
        url: The address of Postdate.
        api_key: The secret of an API key that may write.
        fallback: Whether a task that Postdate does not accept goes to the broker with its ETA.

    Raises:
        RuntimeError: The application has tasks already, of another class.
    """
    if "Task" in vars(app):
        raise RuntimeError("postdate.contrib.celery.install(app) has to come before the first task of the app")
    app.task_cls = TASK_CLASS
    app.postdate = PostdateClient(url=url, api_key=api_key, fallback=fallback)


class PostdateTask(Task):  # type: ignore[misc]  # Celery has no types
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
        """Calls the task at its time; the arguments are those of `Task.apply_async`.

        If Postdate does not accept a task and `fallback` is set, or the call is a retry, the task goes to the
        broker with its ETA.

        Raises:
            PostdateRefusedError: Postdate does not accept the task.
            PostdateUnavailableError: Postdate does not answer.
        """
        task_id = task_id or uuid()
        app = self._get_app()
        at = future_eta(options, app)
        call = _CeleryCall(args=args or (), kwargs=kwargs or {}, task_id=task_id, options=options)
        if at is not None and producer is None and not app.conf.task_always_eager and self._can_be_carried(call):
            client: PostdateClient = getattr(app, "postdate", None) or PostdateClient.from_environment()
            try:
                return self._schedule(client, at, call)
            except (PostdateRefusedError, PostdateUnavailableError) as error:
                # Celery drops a task whose retry fails, and the broker that the task came from is available.
                if not client.fallback and not options.get("retries"):
                    raise
                logger.warning("task %s[%s] goes to the broker with its ETA: %s", self.name, task_id, error)
        return super().apply_async(args, kwargs, task_id=task_id, producer=producer, **options)

    def _schedule(self, client: PostdateClient, at: datetime, call: _CeleryCall) -> Any:  # noqa: ANN401  # likewise
        if self.typing and (check_arguments := getattr(self, "__header__", None)) is not None:
            check_arguments(*call.args, **call.kwargs)
        at_ms = math.ceil(at.timestamp() * 1000)
        options = self._carried_options(call) | {"task_id": call.task_id}
        body = {"args": list(call.args), "kwargs": call.kwargs, "options": options}
        document = _encode({"to": f"celery:{self.name}", "at": at_ms, "body": body})
        client.schedule(document, key=f"{call.task_id}.{options.get('retries', 0)}.{at_ms}")
        return self.AsyncResult(call.task_id)

    def _can_be_carried(self, call: _CeleryCall) -> bool:
        if unsupported := unsupported_options(call.options):
            logger.warning("a task with the options %s goes to the broker with its ETA", ", ".join(unsupported))
            return False
        if (refusal := refusal_of(self._carried_options(call))) is not None:
            logger.warning("task %s[%s] goes to the broker with its ETA: %s", self.name, call.task_id, refusal)
            return False
        return True

    def _carried_options(self, call: _CeleryCall) -> dict[str, Any]:
        """Returns the options as Celery would build them, routed by this application, but without the time."""
        app = self._get_app()
        merged = {
            "ignore_result": self.ignore_result,
            **self._get_exec_options(),
            **parent_ids(app),
            **call.options,
        }
        merged["shadow"] = merged.get("shadow") or self.shadow_name(call.args, call.kwargs, call.options)
        expires = absolute_expiry(merged.get("expires"), app)
        given = {name: value for name, value in merged.items() if value is not None}
        routed = app.amqp.router.route(given, self.name, call.args, call.kwargs, self)
        carried = {
            name: json_value(value) for name, value in routed.items() if name in OPTIONS and value is not None
        }
        return carried | ({"expires": expires} if expires else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class _CeleryCall:
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    task_id: str
    options: dict[str, Any]


def _encode(document: dict[str, Any]) -> bytes:
    """Returns JSON as kombu writes it, so that a worker decodes dates, decimals and the like to their own types.

    Raises:
        PostdateRefusedError: kombu cannot encode an argument.
    """
    try:
        return str(dumps(document)).encode()  # type: ignore[no-untyped-call]  # it has no types
    except (TypeError, ValueError) as error:
        raise PostdateRefusedError(f"the task cannot be written as JSON: {error}") from error
