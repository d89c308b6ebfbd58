"""globmed review restore: a review server's folder from a backup."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .options import home_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@home_option("The folder to make; it must be empty or not there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def restore(file: Path, folder: Path, as_json: bool):
    """Make a server's folder from a backup. Nothing is overwritten; a damaged archive or another version is refused.

    \b
    Examples:
      globmed review restore review-2026-11-23.tar.gz --home restored
      globmed review serve --home restored
    """
    from ..server.archive import restore as unpack
    from ..server.home import Home

    found = unpack(file, Home(folder.absolute()))
    if as_json:
        click.echo(json.dumps(found | {"home": str(folder.absolute())}, indent=2))
        return
    held = found["counts"]
    click.echo(
        f"{folder}: {held['datasets']:,} datasets, {held['records']:,} records, {held['submitted_answers']:,} submitted answers"
    )
    click.echo(f"next: globmed review serve --home {folder}")
