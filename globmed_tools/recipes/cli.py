"""`globmed recipes ...`: check, plan and mix before a training run; show what it learns from. Commands live in modules of
their own (commands/), imported when they are asked for.
"""

from __future__ import annotations

import click

from ..errors import suggest

#: Command -> module of globmed_tools.recipes.commands and its attribute.
MODULES = {
    "list": "show:list_command",
    "path": "show:path_command",
    "check": "check:check",
    "plan": "plan:plan",
    "mix": "mix:mix",
    "env": "env:env",
    "mask": "mask:mask",
    "tiny": "tiny:tiny",
    "rehearse": "rehearse:rehearse",
    "card": "card:card",
}


class Commands(click.Group):
    """The commands of MODULES, imported one at a time."""

    def list_commands(self, ctx):
        return list(MODULES)

    def get_command(self, ctx, name):
        from importlib import import_module

        if name not in MODULES:
            return None
        module, _, attribute = MODULES[name].partition(":")
        return getattr(import_module(f"globmed_tools.recipes.commands.{module}"), attribute)

    def resolve_command(self, ctx, args):
        if args and args[0] not in MODULES:
            ctx.fail(f"no such command {args[0]!r}{suggest(args[0], MODULES)}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def recipes():
    """Train models with Axolotl: recipes that are checked, planned and balanced beforehand.

    \b
    globmed recipes list                                    what is shipped, and what each needs
    globmed recipes mix export/ --out mix                   one balanced training file
    globmed recipes check qwen3-8b-lora --setup 1xh100      every key, value and file, before a GPU is rented
    globmed recipes plan qwen3-8b-lora --gpu h100           tokens, hours, energy
    globmed recipes env                                     Axolotl's own environment
    axolotl train "$(globmed recipes path qwen3-8b-lora)"
    """
