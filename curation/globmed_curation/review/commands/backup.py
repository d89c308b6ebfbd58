"""globmed review backup: a review server's data in one file."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .options import home_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@home_option()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def backup(file: Path, folder: Path, as_json: bool):
    """Write everything a server holds to FILE (a tar archive; gzipped where the name ends in gz), while it runs or not.

    FILE holds the owner's password and keys: keep it as you keep those.

    \b
    Examples:
      globmed review backup review-2026-11-23.tar.gz
      globmed review backup /mnt/disk/swahili.tar --home swahili
    """
    from ..server.archive import backup as write
    from ..server.home import Home

    found = write(Home(folder.absolute()), file)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    held = found["counts"]
    click.echo(
        f"{file}: {found['bytes']:,} bytes; {held['datasets']:,} datasets, {held['records']:,} records, "
        f"{held['submitted_answers']:,} submitted answers"
    )
