"""An installed package provides a channel, and a broken one does not affect other channels."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.integration.process.processes import (
    MAX_WAIT_SECONDS,
    SERVE,
    api,
    data_folder,
    environment,
    free_port,
    in_ms,
    running,
    until,
)
from tests.integration.process.test_wheel import pip

TEMPLATE = Path(__file__).parents[3] / "docs" / "channel-plugins.md"
BROKEN = 'broken = "postdate_fax.nowhere:Channel"\n'


@dataclass(frozen=True)
class Package:
    """A package of a third party.

    Attributes:
        project: The folder of its project.
        installed: The folder into which pip has installed it.
    """

    project: Path
    installed: Path


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """Returns the template of the documentation, with a second channel that cannot be imported."""
    package = Package(tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("installed"))
    files = dict(
        re.findall(
            r"^`([\w./]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", TEMPLATE.read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
    )
    files["pyproject.toml"] += BROKEN
    for path, text in files.items():
        (package.project / path).parent.mkdir(exist_ok=True)
        (package.project / path).write_text(text, "utf-8")
    offline = ("--no-index", "--no-build-isolation", "--no-deps")
    pip("install", *offline, "--target", str(package.installed), str(package.project))
    return package


def test_the_test_of_the_template_passes(package: Package) -> None:
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=package.project / "tests",
        env=environment({"PYTHONPATH": str(package.installed)}),
        capture_output=True,
        text=True,
        check=False,
        timeout=MAX_WAIT_SECONDS,
    )
    assert "5 passed" in tested.stdout, tested.stdout + tested.stderr


async def test_an_installed_channel_delivers_and_a_broken_one_is_refused_with_the_reason(
    package: Package, tmp_path: Path
) -> None:
    port, modem = free_port(), tmp_path / "modem"
    variables = {"PYTHONPATH": str(package.installed), "FAX_MODEM": str(modem)}
    with data_folder() as data:
        command = (*SERVE, "--port", str(port), "--data-dir", str(data))
        async with running(*command, env=variables) as service, api(port) as http:
            message = await http.schedule({"cart": 42}, to="fax:123", at=in_ms(0.3))

            async def is_sent() -> bool:
                return modem.exists() and modem.read_text("utf-8") == f'fax:123 {message["id"]} {{"cart":42}}\n'

            await until(is_sent)
            errors = {}
            for to in ("telex:1", "fax:nobody", "broken:1"):
                response = await http.client.post("/v1/messages", json={"body": 1, "to": to})
                assert response.status_code == HTTPStatus.BAD_REQUEST
                (error,) = json.loads(response.text)["errors"]
                assert error["path"] == "$.to"
                errors[to] = error["detail"]
            assert {"broken", "console", "fax"} <= set(errors["telex:1"].replace(",", "").split())
            assert errors["fax:nobody"] == "the destination has no fax number"
            assert "postdate_fax.nowhere:Channel of postdate-fax" in errors["broken:1"]
            assert "ModuleNotFoundError" in errors["broken:1"]

            await http.schedule("still here", to="console")
            assert [line.text for line in await service.lines(1)] == ["still here"]
            service.send(signal.SIGTERM)
            assert await service.ends() == 0
        assert [line["event"] for line in service.log if line["level"] == "error"] == [
            "a channel is not available"
        ]
