"""The command `postdate`: its group of commands and its exit codes."""

from __future__ import annotations

import logging
import os

import click

from ...domain.errors import ConfigurationError, PostdateError
from ..logs import log_to_stderr
from . import commands
from .command_folder import CommandFolder

logger = logging.getLogger("postdate")

SUCCESS, FAILURE, WRONG_USAGE = 0, 1, 2


@click.group(cls=CommandFolder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="postdate")
def postdate() -> None:
    """Postdate delivers messages at their due times."""


postdate.package = commands


def main(arguments: list[str] | None = None, command: click.Command = postdate) -> int:
    """Runs a command and returns its exit code. An error is printed as one line on standard error."""
    _occupy_closed_streams()
    log_to_stderr()
    try:
        command.main(args=arguments, standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # the last handler before the process ends
        return _exit_code_of(error)
    return SUCCESS


def _exit_code_of(error: BaseException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return WRONG_USAGE
    if isinstance(error, click.UsageError | ConfigurationError):
        return _print_error(error, WRONG_USAGE)
    if isinstance(error, click.ClickException | PostdateError):
        return _print_error(error, FAILURE)
    if not isinstance(error, click.Abort | KeyboardInterrupt):
        logger.critical("ended by an unexpected error", exc_info=error)
    return FAILURE


def _occupy_closed_streams() -> None:
    """Opens the null device, for reading, on each standard descriptor that was closed before the start.

    Otherwise the next file or socket would get the descriptor: deliveries to standard output would be written into
    it and be lost. With the null device a write fails, and the delivery is retried.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)


def _print_error(error: Exception, code: int) -> int:
    sentence = error.format_message() if isinstance(error, click.ClickException) else str(error)
    click.echo(f"postdate: {' '.join(sentence.split())}", err=True)
    return code
