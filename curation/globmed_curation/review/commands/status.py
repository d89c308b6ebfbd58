"""globmed review status: whether a review server runs, and what it holds."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .options import home_option


@click.command()
@home_option()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def status(folder: Path, as_json: bool):
    """Say whether the server of a folder runs, where, and how much it holds. The exit status is 0 where it answers, else 1.

    \b
    Examples:
      globmed review status
      globmed review status --home swahili --json
    """
    from ..server import env, process
    from ..server.home import Home, counts, revision

    home = Home(folder.absolute())
    home.require()
    home.check()
    running = home.running()
    version = process.answers(running["url"]) if running and running["url"] else None
    state = "running" if version else "starting or busy" if running else "stopped"
    found = {
        "home": str(home.folder),
        "state": state,
        "url": running["url"] if running else None,
        "pid": running["pid"] if running else None,
        "argilla_server": version or env.VERSION,
        "bytes": sum(path.stat().st_size for path in home.folder.glob("argilla.db*")),
        "counts": counts(home.database) if revision(home.database) else {},
    }
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        _show(found)
    if state != "running":
        click.get_current_context().exit(1)


def _show(found: dict) -> None:
    from globmed_tools.console import console, table

    rows = table("what", "value")
    shown = found | {"bytes": f"{found['bytes']:,}"} | {name: f"{value:,}" for name, value in found["counts"].items()}
    for name, value in shown.items():
        if name != "counts":
            rows.add_row(name.replace("_", " "), "-" if value is None else str(value))
    console().print(rows)
