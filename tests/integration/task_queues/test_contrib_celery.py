"""A Celery application whose ETA tasks wait at Postdate, with a real worker and a real service."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.integration.process.processes import (
    MAX_WAIT_SECONDS,
    SERVE,
    api,
    data_folder,
    environment,
    free_port,
    running,
    until,
)
from tests.integration.task_queues.queues import NOTE, QUEUES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.integration.servers.private_server import PrivateServer

APP = """
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from celery import Celery

app = Celery("jobs", broker=os.environ["BROKER"], task_cls="postdate.contrib.celery:PostdateTask")
app.conf.broker_transport_options = {"visibility_timeout": 1, "polling_interval": 0.1}
app.conf.task_default_queue = "shop"
app.conf.task_acks_late = True

@app.task(bind=True, name="mail.send")
def send(self, *args, **kwargs):
    note(self.request.id, [repr(it) for it in args], self.request.eta)

@app.task(bind=True, name="mail.try", max_retries=2)
def attempt(self):
    if not self.request.retries:
        note(self.request.id, ["failed"], self.request.retries)
        raise self.retry(countdown=1)
    note(self.request.id, ["done"], self.request.retries)
"""
CALLS = """
import jobs, json, time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

eta = datetime.now(UTC) + timedelta(seconds=3)
jobs.send.apply_async((Decimal("1.5"),), eta=eta, task_id="later", expires=60)
jobs.send.apply_async(("expired",), countdown=1, expires=0.2, task_id="expired")
jobs.send.apply_async(("now",), task_id="now")
jobs.attempt.apply_async(task_id="retried", queue="shop")
print(json.dumps(eta.timestamp()))
"""


def run_python(code: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env=environment(env),
        timeout=MAX_WAIT_SECONDS,
    )


async def test_eta_tasks_run_once_at_their_time_even_beyond_the_visibility_timeout(
    own_server: PrivateServer, tmp_path: Path
) -> None:
    queue, port = QUEUES["celery"], free_port()
    broker = queue.broker(own_server.url)
    env = {**queue.environment(broker, tmp_path), "POSTDATE_URL": f"http://127.0.0.1:{port}"}
    (tmp_path / "jobs.py").write_text(NOTE + APP, "utf-8")

    def notes(task_id: str) -> Sequence[dict[str, Any]]:
        path = tmp_path / "notes"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [note for line in lines if (note := json.loads(line))["id"] == task_id]

    async def all_ran() -> bool:
        return bool(notes("later")) and len(notes("retried")) >= 2

    with data_folder() as data:
        serve = (*SERVE, "--port", str(port), "--data-dir", str(data))
        async with running(*serve, env=env) as service, api(port):
            async with running(*queue.worker, "-Q", "shop", cwd=tmp_path, env=env):
                called = run_python(CALLS, env)
                assert called.returncode == 0, called.stderr
                await until(all_ran)
            assert service.process.returncode is None
    eta = json.loads(called.stdout)
    (later,) = notes("later")
    assert later["args"] == ["Decimal('1.5')"]
    assert later["kwargs"] is None, "the worker received an ETA"
    assert 0 <= later["at"] - eta <= 3
    assert len(notes("now")) == 1
    assert notes("expired") == []
    failed, done = notes("retried")
    assert (failed["args"], done["args"], done["kwargs"]) == (["failed"], ["done"], 1)
    assert done["at"] - failed["at"] >= 1


def test_a_call_raises_without_postdate_or_goes_to_the_broker_with_fallback(
    own_server: PrivateServer, tmp_path: Path
) -> None:
    queue, url = QUEUES["celery"], f"http://127.0.0.1:{free_port()}"
    env = queue.environment(queue.broker(own_server.url), tmp_path)
    call = "import jobs; jobs.send.apply_async(countdown=60)"
    (tmp_path / "jobs.py").write_text(NOTE + APP, "utf-8")
    raised = run_python(call, {**env, "POSTDATE_URL": url})
    assert raised.returncode == 1
    assert f"PostdateUnavailableError: Postdate does not answer at {url}" in raised.stderr
    fell_back = run_python(call, {**env, "POSTDATE_URL": url, "POSTDATE_FALLBACK": "1"})
    assert fell_back.returncode == 0, fell_back.stderr
    assert "goes to the broker with its ETA" in fell_back.stderr
