from __future__ import annotations

import logging
import warnings
from dataclasses import fields
from typing import TYPE_CHECKING

import click
import pytest

from postdate.entrypoints.cli.commands.deliver_due import command as deliver_due
from postdate.entrypoints.cli.main import main, postdate
from postdate.entrypoints.settings import Settings, flag_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRONG = [
    (["nothing"], "nothing"),
    (["serve", "--nothing"], "--nothing"),
    (["serve", "--port"], "--port"),
    (["serve", "--port", "http"], "--port"),
    (["serve", "--port", "0"], "--port"),
    (["serve", "--port", "65536"], "--port"),
    (["serve", "--workers", "0"], "--workers"),
    (["serve", "extra"], "extra"),
    (["serve", "--lease-ttl", "soon"], "--lease-ttl"),
    (["serve", "--partitions", "none"], "--partitions"),
    (["serve", "--timezone", "Mars"], "--timezone"),
    (["serve", "--api-keys", "hidden"], "--api-keys"),
    (["serve", "--host", "0.0.0.0"], "POSTDATE_API_KEYS"),  # noqa: S104
    (["serve", "--host", "::"], "POSTDATE_API_KEYS"),
    (["serve", "--host", "192.0.2.1"], "POSTDATE_API_KEYS"),
    (["serve", "--host", "example.org"], "POSTDATE_API_KEYS"),
    (["serve", "--host", ""], "POSTDATE_API_KEYS"),
    (["deliver-due", "--port", "1"], "--port"),
    (["deliver-due", "--redis-url", "http://host"], "POSTDATE_REDIS_URL"),
    (["deliver-due", "--redis-url", "redis://host:port"], "POSTDATE_REDIS_URL"),
    (["deliver-due", "--redis-url", "redis://host?colour=red"], "POSTDATE_REDIS_URL"),
    (["deliver-due", "--redis-url", "redis://:hid/den@host"], "POSTDATE_REDIS_URL"),
]


@pytest.fixture(autouse=True)
def own_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Gives back the logging of the tests, which the command makes its own, and an empty environment."""
    for setting in fields(Settings):
        monkeypatch.delenv(setting.metadata["variable"], raising=False)
    root, ours = logging.getLogger(), logging.getLogger("postdate")
    before = list(root.handlers), root.level, ours.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level, ours.level = before
    logging.getLogger("py.warnings").handlers.clear()


@pytest.mark.parametrize(("arguments", "named"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_wrong_usage_is_one_line_that_names_what_is_wrong(
    arguments: list[str], named: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert named in said.err
    assert not {"hidden", "hid"} & set(said.err.replace("/", " ").split())


@pytest.mark.parametrize("variable", ["POSTDATE_LEASE_TTL", "POSTDATE_PARTITIONS", "POSTDATE_API_KEYS"])
def test_a_wrong_variable_is_one_line_that_names_it(
    variable: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, "~")
    assert main(["serve"]) == 2
    said = capfd.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(f"postdate: {variable} ")


@pytest.mark.parametrize("arguments", [["serve"], ["deliver-due", "--once"]])
def test_a_flag_is_looked_at_before_its_variable(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POSTDATE_LEASE_TTL", "2s")
    assert main([*arguments, "--lease-ttl", "soon"]) == 2
    assert "--lease-ttl" in capfd.readouterr().err


@pytest.mark.parametrize("below", ["", "x", "x/y"])
def test_a_data_folder_below_a_file_is_wrong_usage(
    below: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    assert main(["deliver-due", "--once", "--data-dir", str(file / below)]) == 2
    said = capfd.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "POSTDATE_DATA_DIR" in said.err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["serve", "--help"], ["deliver-due", "-h"]])
def test_help_is_given_on_stdout(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    said = capfd.readouterr()
    assert said.out.startswith("Usage:")
    assert said.err == ""


def test_without_a_command_help_is_given_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith("Usage:")
    assert said.err.count("\n") > 5


def test_the_version_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert "version" in capfd.readouterr().out


def test_help_lists_every_setting_with_its_variable(capfd: pytest.CaptureFixture[str]) -> None:
    main(["serve", "--help"])
    shown = "".join(capfd.readouterr().out.split())
    for setting in fields(Settings):
        assert flag_of(setting.name) in shown
        assert f"[{setting.metadata['variable']}]" in shown


@pytest.mark.parametrize("name", ["deliver-due", "doctor", "list", "serve", "webhook-secret"])
def test_each_module_of_commands_is_a_command_of_its_name(name: str) -> None:
    command = postdate.get_command(click.Context(postdate), name)
    assert command is not None
    assert command.name == name


def test_help_lists_every_command(capfd: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    listed = capfd.readouterr().out
    assert all(f"\n  {name} " in listed for name in postdate.list_commands(click.Context(postdate)))


def test_deliver_due_alone_is_the_same_command() -> None:
    assert postdate.get_command(click.Context(postdate), "deliver-due") is deliver_due


def test_deliver_due_as_a_command_of_its_own_names_what_is_wrong(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--lease-ttl", "soon"], command=deliver_due) == 2
    assert "--lease-ttl" in capfd.readouterr().err


def test_a_store_that_is_away_fails_a_single_pass(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["deliver-due", "--once", "--redis-url", f"unix://{tmp_path}/no.sock"]) == 1
    said = capfd.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "unavailable" in said.err


def test_an_error_that_nobody_foresaw_is_one_line_as_well(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("postdate.entrypoints.cli.commands.serve.load_settings", _fail)
    assert main(["serve"]) == 1
    said = capfd.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "unheard-of" in said.err


def test_warnings_of_libraries_are_logged_and_not_raised(capfd: pytest.CaptureFixture[str]) -> None:
    main(["--version"])
    with warnings.catch_warnings(action="default"):
        logging.captureWarnings(capture=True)
        warnings.warn("out of fashion", stacklevel=1)
        logging.captureWarnings(capture=False)
    assert "out of fashion" in capfd.readouterr().err


def _fail(*_: object) -> None:
    raise LookupError("unheard-of")
