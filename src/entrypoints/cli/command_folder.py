"""A group whose commands are the modules of a package."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from types import ModuleType


class CommandFolder(click.Group):
    """Offers every module of a package as a command, and imports a module when its command is used.

    The module `deliver_due` is the command `deliver-due`, and its attribute `command` is what runs. A new command
    is a new module.
    """

    package: ModuleType

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of the commands, in alphabetical order."""
        del ctx
        return sorted(module.name.replace("_", "-") for module in iter_modules(self.package.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command of that name; `None` if no module has it."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{self.package.__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command
