"""The `postdate` command: its group of commands, and its exit codes."""

from __future__ import annotations

import logging
import os

import click

from ...domain.errors import ConfigurationError, PostdateError
from ..logs import log_to_stderr
from . import commands
from .command_folder import CommandFolder

logger = logging.getLogger("postdate")

DONE, FAILED, WRONG_USAGE = 0, 1, 2


@click.group(cls=CommandFolder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="postdate")
def postdate() -> None:
    """Postdate delivers messages at their time."""


postdate.package = commands


def main(arguments: list[str] | None = None, command: click.Command = postdate) -> int:
    """Runs a command and returns its exit code; what is wrong is said in one line on standard error."""
    _occupy_closed_streams()
    log_to_stderr()
    try:
        command.main(args=arguments, standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # the last who could say what it was
        return _ended_by(error)
    return DONE


def _ended_by(error: BaseException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return WRONG_USAGE
    if isinstance(error, click.UsageError | ConfigurationError):
        return _say(error, WRONG_USAGE)
    if isinstance(error, click.ClickException | PostdateError):
        return _say(error, FAILED)
    if not isinstance(error, click.Abort | KeyboardInterrupt):
        logger.critical("ended by an error that nobody foresaw", exc_info=error)
    return FAILED


def _occupy_closed_streams() -> None:
    """Keeps files and sockets from taking the place of a standard stream that was closed before the start.

    Deliveries would be written into them and be lost; so, printing fails, and they are tried again.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)


def _say(error: Exception, code: int) -> int:
    sentence = error.format_message() if isinstance(error, click.ClickException) else str(error)
    click.echo(f"postdate: {' '.join(sentence.split())}", err=True)
    return code
