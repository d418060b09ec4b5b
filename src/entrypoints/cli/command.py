"""The `postdate` command and its parts; how each ends."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ...domain.errors import ConfigurationError, PostdateError
from ..http.server import free_address
from ..logs import log_to_stderr
from ..process import deliver_once, refuse_unfit_store, run_process, webhook_secrets
from ..settings import load_settings
from ..workers import run_workers
from .doctor import doctor
from .list_messages import list_messages
from .options import DELIVERING, SERVING, SIGNING, settings_flags

if TYPE_CHECKING:
    from collections.abc import Coroutine

logger = logging.getLogger("postdate")

T = TypeVar("T")

DONE, FAILED, WRONG_USAGE = 0, 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="postdate")
def postdate() -> None:
    """Postdate delivers messages at their time."""


@postdate.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="the address to listen on")
@click.option(
    "--port", default=3000, show_default=True, type=click.IntRange(1, 65535), help="the port to listen on"
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="how many processes serve"
)
@click.option("--no-deliver", is_flag=True, help="serve HTTP only")
@click.option("--lifeline", type=int, hidden=True)
@settings_flags(SERVING)
def serve(  # one argument a flag
    *, host: str, port: int, workers: int, no_deliver: bool, lifeline: int | None, **flags: str | None
) -> None:
    """Serve the HTTP API and, unless told not to, deliver."""
    settings = load_settings(os.environ, flags)
    if not settings.api_keys and not _is_loopback(host):
        raise ConfigurationError(
            "--host", f"{host} can be reached from elsewhere, so POSTDATE_API_KEYS must be set"
        )
    address = free_address(host, port) if lifeline is None else host
    if workers > 1:
        _run(refuse_unfit_store(settings))
        sys.exit(run_workers(workers, address))
    _run(run_process(settings, address=(address, port), deliver=not no_deliver, lifeline=lifeline))


@postdate.command("deliver-due")
@click.option("--once", is_flag=True, help="deliver what is due, then end")
@settings_flags(DELIVERING)
def deliver_due(*, once: bool, **flags: str | None) -> None:
    """Deliver without serving HTTP, until told to stop."""
    settings = load_settings(os.environ, flags)
    _run(deliver_once(settings) if once else run_process(settings, address=None, deliver=True))


@postdate.command("webhook-secret")
@settings_flags(SIGNING)
def webhook_secret(**flags: str | None) -> None:
    """Print what webhooks are signed with, one secret a line; receivers verify with any of them."""
    for secret in _run(webhook_secrets(load_settings(os.environ, flags))):
        click.echo(secret)


postdate.add_command(doctor)
postdate.add_command(list_messages)


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


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Runs to the end in the quickest event loop there is; raises the first error alone."""
    result: list[T] = []
    _spare_what_is_loaded()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            result.append(runner.run(work))
    except* PostdateError as errors:
        raise _first(errors) from None
    # Not returned from within: what has `except*` may not leave by it.
    return result[0]


def _spare_what_is_loaded() -> None:
    """Has the garbage collector leave alone what is loaded by now, and look at the rest less often.

    By itself it looks after each 700 new objects, and at all there are now and then. A batch of messages makes
    thousands, none of them garbage before it is settled: a tenth of a delivery's time went there.
    """
    gc.freeze()
    gc.set_threshold(10_000)


def _first(errors: BaseExceptionGroup[Any]) -> BaseException:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _loop_factory() -> Any:  # noqa: ANN401  # uvloop has no types for it on every platform
    try:
        import uvloop  # noqa: PLC0415  # absent where it has no wheel
    except ImportError:
        return None
    return uvloop.new_event_loop
