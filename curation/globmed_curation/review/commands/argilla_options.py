"""Options that say which Argilla server, and which datasets on it."""

from __future__ import annotations

from pathlib import Path

import click

_SERVER = click.option(
    "--server",
    "home",
    type=click.Path(path_type=Path),
    metavar="HOME",
    help="The folder of globmed review serve [review-server].",
)
_URL = click.option(
    "--url",
    metavar="URL",
    help="Another Argilla server instead; an owner's API key is read from GLOBMED_ARGILLA_KEY.",
)
NAME = click.option("--name", metavar="NAME", help="What the datasets are called [the review folder's name].")
WORKSPACE = click.option(
    "--workspace",
    default="globmed",
    show_default=True,
    metavar="NAME",
    help="How the names of workspaces begin: NAME-sw, NAME-sw-adjudication, ...",
)
LANGUAGE = click.option(
    "--language", "languages", multiple=True, metavar="CODE", help="Only this language (may be repeated)."
)


def server_options(command):
    """--server and --url."""
    return _SERVER(_URL(command))
