"""The root command. Wings register their commands in the entry-point group `globmed.commands`; none is imported here.

Exit status: 0 done, 1 something was found wrong, 2 the command line is wrong, 130 interrupted.
"""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, entry_points

import click

from . import __version__
from .errors import GlobmedError, suggest

GROUP = "globmed.commands"


class Commands(click.Group):
    """A group whose commands are found by entry point and imported when they are asked for."""

    @staticmethod
    def _points() -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=GROUP)}

    def list_commands(self, ctx):
        return sorted(self._points())

    def get_command(self, ctx, name):
        point = self._points().get(name)
        return point.load() if point else None

    def resolve_command(self, ctx, args):
        if args and self.get_command(ctx, args[0]) is None:
            ctx.fail(f"no such command {args[0]!r}{suggest(args[0], self._points())}")
        return super().resolve_command(ctx, args)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="globmed")
def root():
    """GlobMed: measure and mend language models on medicine in many languages.

    \b
    globmed bench doctor --data hub              is the data there and usable?
    globmed bench run --model hf --model_args pretrained=MODEL --tasks globmed --output_path results
    globmed report table results                 who is served how well
    globmed curate ingest medqa test.jsonl --out data
    """


def main() -> None:
    """Run the command line; a GlobmedError becomes one line on stderr and an exit status."""
    try:
        status = root(standalone_mode=False)
    except GlobmedError as error:
        click.echo(f"globmed: {error}", err=True)
        sys.exit(error.code)
    except click.exceptions.Abort:
        click.echo("globmed: interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    if isinstance(status, int):  # click hands the status of ctx.exit() back instead of raising it
        sys.exit(status)


if __name__ == "__main__":
    main()
