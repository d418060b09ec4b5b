"""The published wheel works without the checkout from which it was built."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
import venv
from http import HTTPStatus
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.integration.process.processes import api, data_folder, environment, free_port, in_ms, running

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(CHECKOUT))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel and all dependencies, but without this checkout."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False, symlinks=True)
    pip("--python", str(home / "bin" / "python"), "install", "--no-deps", "--no-index", str(wheel))
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    # Python does not process .pth files in folders that a .pth file adds. So the .pth file of the editable
    # installation of this checkout has no effect.
    (packages / "dependencies.pth").write_text(
        f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n"
    )
    return home / "bin"


def test_the_wheel_contains_only_the_package_and_its_scripts(wheel: Path) -> None:
    packed = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    sources = {
        f"postdate/{path.relative_to(CHECKOUT / 'src').as_posix()}"
        for path in (CHECKOUT / "src").rglob("*")
        if path.suffix in {".py", ".lua"} or path.name == "py.typed"
    }
    assert packed == sources
    assert any(name.endswith("claim_due.lua") for name in packed)


async def test_the_installed_wheel_serves_and_delivers(installed: Path) -> None:
    port = free_port()
    with data_folder() as data:
        command = (str(installed / "postdate"), "serve", "--port", str(port), "--data-dir", str(data))
        async with running(*command) as service, api(port) as http:
            await http.schedule("from the wheel", at=in_ms(0.5))
            assert [line.text for line in await service.lines(1)] == ["from the wheel"]
            assert await http.status("/openapi.json") == HTTPStatus.OK


@pytest.mark.parametrize("program", ["postdate", "deliver-due"])
def test_the_installed_programs_come_from_the_wheel(installed: Path, program: str) -> None:
    code = "import postdate, sys; print(postdate.__file__)"
    printed = subprocess.run(  # noqa: S603
        [installed / "python", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env=environment({}),
        cwd=tempfile.gettempdir(),
    )
    assert Path(printed.stdout).is_relative_to(installed.parent)
    subprocess.run([installed / program, "--help"], check=True, capture_output=True, env=environment({}))  # noqa: S603


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
