"""globmed review stop: end a review server."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .options import home_option


@click.command()
@home_option()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def stop(folder: Path, as_json: bool):
    """Stop the server of a folder; it first finishes what it is answering. Fine where none runs.

    \b
    Examples:
      globmed review stop
      globmed review stop --home swahili
    """
    from ..server import process
    from ..server.home import Home

    home = Home(folder.absolute())
    home.require()
    found = process.stop(home)
    if as_json:
        click.echo(json.dumps({"home": str(home.folder), "stopped": found}, indent=2))
    elif found:
        click.echo(f"The server at {found['url']} has ended (process {found['pid']}).")
    else:
        click.echo(f"{home.folder}: no server is running.")
