"""The task queues under test: the code of each worker, its command, and the settings of Postdate."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PYTHON = (sys.executable, "-m")
PROGRAMS = Path(sys.executable).parent
ARQ_PACKAGES = Path(sys.prefix) / "arq"

NOTE = """
import json, os, time

def note(task_id, args, kwargs):
    line = json.dumps({"id": task_id, "args": args, "kwargs": kwargs, "at": time.time()})
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(line + chr(10))
"""
CELERY = """
from celery import Celery
app = Celery("jobs", broker=os.environ["BROKER"])

@app.task(bind=True, name="mail.send")
def send(self, *args, **kwargs):
    note(self.request.id, args, kwargs)
"""
RQ = """
from rq import get_current_job

def send(*args, **kwargs):
    note(get_current_job().id, args, kwargs)
"""
ARQ = """
from arq.connections import RedisSettings

async def send(ctx, *args, **kwargs):
    note(ctx["job_id"], args, kwargs)

class WorkerSettings:
    functions = [send]
    poll_delay = 0.05
    redis_settings = RedisSettings.from_dsn(os.environ["BROKER"])
"""
DRAMATIQ = """
import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import CurrentMessage
dramatiq.set_broker(RedisBroker(url=os.environ["BROKER"]))
dramatiq.get_broker().add_middleware(CurrentMessage())

@dramatiq.actor(actor_name="mail.send")
def send(*args, **kwargs):
    note(CurrentMessage.get_current_message().message_id, args, kwargs)
"""
TASKIQ = """
from taskiq import Context, TaskiqDepends
from taskiq_redis import ListQueueBroker
broker = ListQueueBroker(os.environ["BROKER"])

@broker.task(task_name="mail:send")
async def send(*args, context: Context = TaskiqDepends(), **kwargs):
    note(context.message.task_id, args, kwargs)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A task queue.

    Attributes:
        scheme: The scheme of its channel.
        task: The task that its worker knows.
        code: The module `jobs` of its worker.
        worker: The command of the worker.
        settings: The variables of the service; `BROKER` stands for the broker's URL.
        detects_duplicates: Whether it refuses an id that is enqueued a second time.
        url: How to turn the URL of a unix socket into that of a broker: a prefix and its replacement.
        packages: The folders that must come first on the path of its worker.
    """

    scheme: str
    task: str
    code: str
    worker: Sequence[str]
    settings: Mapping[str, str]
    detects_duplicates: bool = False
    url: tuple[str, str] = ("unix://", "unix://")
    packages: Sequence[Path] = field(default=())

    @property
    def to(self) -> str:
        return f"{self.scheme}:{self.task}"

    def broker(self, url: str) -> str:
        return url.replace(*self.url)

    def environment(self, broker: str, folder: Path) -> Mapping[str, str]:
        """Returns the variables of both the worker and the service, and writes the module that they import."""
        (folder / "jobs.py").write_text(NOTE + self.code, "utf-8")
        return {
            **{name: value.replace("BROKER", broker) for name, value in self.settings.items()},
            "BROKER": broker,
            "NOTES": str(folder / "notes"),
            "PYTHONPATH": str(folder),
        }

    def environment_of_worker(self, environment: Mapping[str, str]) -> Mapping[str, str]:
        """Returns the same variables, with the packages that only the worker needs first on its path."""
        path = ":".join(str(part) for part in (*self.packages, environment["PYTHONPATH"]))
        return {**environment, "PYTHONPATH": path}


QUEUES = {
    "celery": Queue(
        scheme="celery",
        task="mail.send",
        code=CELERY,
        worker=(
            *PYTHON,
            *("celery", "-A", "jobs", "worker", "--pool", "solo", "--loglevel", "WARNING"),
            *("--without-heartbeat", "--without-mingle", "--without-gossip"),
        ),
        settings={"POSTDATE_CELERY_BROKER": "BROKER"},
        url=("unix://", "redis+socket://"),
    ),
    "rq": Queue(
        scheme="rq",
        task="jobs.send",
        code=RQ,
        worker=(str(PROGRAMS / "rq"), "worker", "--url", "BROKER", "--worker-class", "rq.SimpleWorker"),
        settings={"POSTDATE_RQ_REDIS_URL": "BROKER", "POSTDATE_RQ_TASKS": "jobs.*"},
        detects_duplicates=True,
    ),
    "arq": Queue(
        scheme="arq",
        task="send",
        code=ARQ,
        worker=(*PYTHON, "arq", "jobs.WorkerSettings"),
        settings={"POSTDATE_ARQ_REDIS_URL": "BROKER"},
        detects_duplicates=True,
        packages=(ARQ_PACKAGES,),
    ),
    "dramatiq": Queue(
        scheme="dramatiq",
        task="mail.send",
        code=DRAMATIQ,
        worker=(*PYTHON, "dramatiq", "jobs", "--processes", "1", "--threads", "1"),
        settings={"POSTDATE_DRAMATIQ_BROKER": "BROKER"},
    ),
    "taskiq": Queue(
        scheme="taskiq",
        task="mail:send",
        code=TASKIQ,
        worker=(*PYTHON, "taskiq", "worker", "jobs:broker", "--workers", "1"),
        settings={"POSTDATE_TASKIQ_BROKER": "jobs:broker"},
    ),
}
