from __future__ import annotations

import logging
import subprocess
import sys
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

WRONG_USAGES = [
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
    """Restores the logging configuration, which the command replaces, and removes all Postdate variables."""
    for setting in fields(Settings):
        monkeypatch.delenv(setting.metadata["variable"], raising=False)
    root, ours = logging.getLogger(), logging.getLogger("postdate")
    before = list(root.handlers), root.level, ours.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level, ours.level = before
    logging.getLogger("py.warnings").handlers.clear()


@pytest.mark.parametrize(
    ("arguments", "named"), WRONG_USAGES, ids=[" ".join(arguments) for arguments, _ in WRONG_USAGES]
)
def test_wrong_usage_prints_one_line_that_names_the_mistake(
    arguments: list[str], named: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert named in printed.err
    assert not {"hidden", "hid"} & set(printed.err.replace("/", " ").split())


@pytest.mark.parametrize("variable", ["POSTDATE_LEASE_TTL", "POSTDATE_PARTITIONS", "POSTDATE_API_KEYS"])
def test_an_invalid_variable_prints_one_line_that_names_it(
    variable: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, "~")
    assert main(["serve"]) == 2
    printed = capfd.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith(f"postdate: {variable} ")


@pytest.mark.parametrize("arguments", [["serve"], ["deliver-due", "--once"]])
def test_a_flag_takes_precedence_over_its_variable(
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
    printed = capfd.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "POSTDATE_DATA_DIR" in printed.err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["serve", "--help"], ["deliver-due", "-h"]])
def test_help_is_printed_on_stdout(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    printed = capfd.readouterr()
    assert printed.out.startswith("Usage:")
    assert printed.err == ""


def test_help_is_printed_on_stderr_if_no_command_is_given(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Usage:")
    assert printed.err.count("\n") > 5


def test_the_version_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert "version" in capfd.readouterr().out


def test_help_lists_every_setting_with_its_variable(capfd: pytest.CaptureFixture[str]) -> None:
    main(["serve", "--help"])
    shown = "".join(capfd.readouterr().out.split())
    for setting in fields(Settings):
        assert flag_of(setting.name) in shown
        assert f"[{setting.metadata['variable']}]" in shown


@pytest.mark.parametrize("name", ["deliver-due", "doctor", "list", "serve", "webhook-secret"])
def test_each_module_of_commands_is_a_command_with_its_name(name: str) -> None:
    command = postdate.get_command(click.Context(postdate), name)
    assert command is not None
    assert command.name == name


def test_help_lists_every_command(capfd: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    listed = capfd.readouterr().out
    assert all(f"\n  {name} " in listed for name in postdate.list_commands(click.Context(postdate)))


def test_the_program_deliver_due_is_the_same_command() -> None:
    assert postdate.get_command(click.Context(postdate), "deliver-due") is deliver_due


def test_the_program_deliver_due_names_the_mistake(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--lease-ttl", "soon"], command=deliver_due) == 2
    assert "--lease-ttl" in capfd.readouterr().err


@pytest.mark.parametrize("statement", ["pass", "assert deliver_due.main() == 0"])
def test_deliver_due_does_not_import_the_http_server(statement: str) -> None:
    program = f"""
import sys
from postdate.entrypoints import deliver_due
sys.argv = ["deliver-due", "--help"]
{statement}
print("imported:", *sorted({{"granian", "litestar"}} & sys.modules.keys()))
"""
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)  # noqa: S603  # ours
    assert ended.stdout.splitlines()[-1] == "imported:"


def test_a_single_pass_fails_if_the_store_is_unavailable(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["deliver-due", "--once", "--redis-url", f"unix://{tmp_path}/no.sock"]) == 1
    printed = capfd.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "unavailable" in printed.err


def test_an_unexpected_error_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("postdate.entrypoints.cli.commands.serve.load_settings", _fail)
    assert main(["serve"]) == 1
    printed = capfd.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "unheard-of" in printed.err


def test_warnings_of_libraries_are_logged_and_not_raised(capfd: pytest.CaptureFixture[str]) -> None:
    main(["--version"])
    with warnings.catch_warnings(action="default"):
        logging.captureWarnings(capture=True)
        warnings.warn("out of fashion", stacklevel=1)
        logging.captureWarnings(capture=False)
    assert "out of fashion" in capfd.readouterr().err


def _fail(*_: object) -> None:
    raise LookupError("unheard-of")
