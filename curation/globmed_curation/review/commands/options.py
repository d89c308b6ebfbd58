"""Options that several commands of `globmed review` share."""

from __future__ import annotations

from pathlib import Path

import click

_CONFIG = click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="YAML with the settings.")
_SETTING = click.option(
    "-s", "--setting", "settings", multiple=True, metavar="NAME=VALUE", help="One setting (may be repeated)."
)
ADJUDICATOR = click.option(
    "--adjudicator",
    "adjudicators",
    multiple=True,
    metavar="NAME",
    help="A reviewer whose answers are decisions, and no reviews (may be repeated).",
)


def home_option(help: str = "Its folder."):
    """--home, the folder of a server."""
    kind = click.Path(path_type=Path)
    return click.option("--home", "folder", type=kind, default="review-server", show_default=True, help=help)


def rule_options(command):
    """--config and --setting."""
    return _CONFIG(_SETTING(command))


def rule_of(config: Path | None, given: tuple[str, ...]):
    """The adjudicate.Rule of these options."""
    from ..adjudicate import Rule

    return settings_of(Rule, config, given)


def settings_of(kind: type, config: Path | None, given: tuple[str, ...]):
    """An instance of the dataclass `kind`; what the command line says goes before what the file says."""
    from globmed_tools.errors import GlobmedError

    from ...settings import load_yaml, read, value

    found = load_yaml(config) if config else {}
    for one in given:
        key, equals, text = one.partition("=")
        if not equals:
            raise GlobmedError(f"--setting {one!r}: NAME=VALUE was expected.", 2)
        found[key] = value(text)
    return read(kind, found, str(config or "--setting"))
