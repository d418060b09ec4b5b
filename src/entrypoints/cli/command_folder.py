"""A group of commands that are the modules of a package."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from types import ModuleType


class CommandFolder(click.Group):
    """Offers every module of a package as a command. Imports a module only when its command is used.

    The module `deliver_due` is the command `deliver-due`; its attribute `command` is the click command. To add a
    command, add a module.
    """

    package: ModuleType

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of the commands, in alphabetical order."""
        del ctx
        return sorted(module.name.replace("_", "-") for module in iter_modules(self.package.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command of that name; `None` if there is no such module."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"{self.package.__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command
