"""`globmed review`: from translations to judged and mended ones.

The commands are thin and stand in commands/, a module each, imported when one is asked for; only those that are there are
listed.
"""

from __future__ import annotations

from importlib.util import find_spec

import click

from globmed_tools.errors import suggest

#: The commands, each the function of its name in the module of its name, in the order in which a review goes.
COMMANDS = (
    "sample",
    "serve",
    "status",
    "stop",
    "backup",
    "restore",
    "guidelines",
    "users",
    "push",
    "pull",
    "sheet",
    "agreement",
    "adjudicate",
    "apply",
)
_PACKAGE = f"{__package__}.commands"


class Commands(click.Group):
    """Those of COMMANDS whose modules are there."""

    def list_commands(self, ctx):
        return [name for name in COMMANDS if find_spec(f"{_PACKAGE}.{name}")]

    def get_command(self, ctx, name):
        from importlib import import_module

        return getattr(import_module(f"{_PACKAGE}.{name}"), name) if name in self.list_commands(ctx) else None

    def resolve_command(self, ctx, args):
        if args and self.get_command(ctx, args[0]) is None:
            ctx.fail(f"no such command {args[0]!r}{suggest(args[0], self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands)
def review():
    """Have translations judged and mended by people, and bring their work back.

    \b
    globmed review sample build --out review          which translations are reviewed
    globmed review sheet export review                a workbook a language, for those without a connection
    globmed review sheet import review sw-R01.xlsx    the answers back, checked
    """
