"""globmed review serve: an Argilla server of one's own, without Docker, Elasticsearch or Redis."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import click

from .options import home_option


@click.command()
@home_option("The server's folder; made where it is not there.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(1, 65535), default=6900, show_default=True, help="The port to listen at.")
@click.option("--background", is_flag=True, help="Return when the server answers; globmed review stop ends it.")
@click.option(
    "--python", default=sys.executable, help="The Python to make the server's environment with (3.11 to 3.13)."
)
@click.option("--only-env", is_flag=True, help="Only make the server's environment, where it is not there yet.")
@click.option("--dry-run", is_flag=True, help="Only say what would be made and run.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def serve(
    folder: Path, host: str, port: int, background: bool, python: str, only_env: bool, dry_run: bool, as_json: bool
):
    """Start Argilla 2.8.0 on one SQLite file.

    The first start makes the server's own environment (0.6 GB, a few minutes) in ~/.cache/globmed/argilla-server-2.8.0, or
    uses the one in $GLOBMED_ARGILLA_SERVER; it makes the folder, and a password and an API key for the user "owner", which
    it shows once and keeps in credentials.json, readable by you only.

    The server listens on this machine only. With --host it can be reached by others, and what they send, passwords
    too, is not encrypted: put a web server with TLS before it.

    \b
    Examples:
      globmed review serve                                  until Ctrl-C
      globmed review serve --home swahili --port 6901 --background
      globmed review serve --dry-run
    """
    from ..server import env, process
    from ..server.home import Home

    found = env.find()
    plan = env.Plan(env.folder(), python)
    home = Home(folder.absolute())
    if dry_run:
        return _plan(plan, home, host, port, as_json)
    if found is None:
        click.echo(f"Making argilla-server's environment in {plan.home}: 0.6 GB, a few minutes.", err=True)
        found = env.make(plan, lambda line: click.echo(line, err=True))
    if only_env:
        click.echo(
            json.dumps({"environment": str(plan.home)}) if as_json else f"{plan.home}: argilla-server {env.VERSION}"
        )
        return None
    new = None if home.exists() else home.create()
    lock = process.claim(home)
    home.check()
    process.port_free(host, port)
    server = process.start(home, found, host, port, lock, background=background)
    os.close(lock)
    # From here on a signal ends the server too: in the foreground the two are one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        process.wait_ready(home, server)
    except BaseException:
        _end(server)
        raise
    if as_json:
        shown = {"url": process.url(host, port), "pid": server.pid, "home": str(home.folder), "new": new is not None}
        click.echo(json.dumps(shown | ({"credentials": new} if new else {}), indent=2))
    else:
        _say(home, process.url(host, port), new, background)
    if host not in process.LOOPBACK:
        click.echo(
            f"warning: {host} can be reached from other machines, and nothing is encrypted: passwords, keys and answers can be "
            "read on the way. Put a web server with TLS before it (nginx, Caddy), or use an SSH tunnel.",
            err=True,
        )
    return None if background else _foreground(server, home)


def _plan(plan, home, host: str, port: int, as_json: bool) -> None:
    from ..server import process

    steps = [{"title": step.title, "command": step.command} for step in plan.steps()]
    if not home.exists():
        steps.append({"title": f"make {home.folder} with a password and keys", "command": []})
    else:
        home.check()
    steps.append({"title": f"serve at {process.url(host, port)}", "command": []})
    if as_json:
        click.echo(json.dumps({"home": str(home.folder), "environment": str(plan.home), "steps": steps}, indent=2))
        return
    for step in steps:
        click.echo(step["title"] + (f": {' '.join(step['command'])}" if step["command"] else ""))


def _say(home, address: str, new: dict | None, background: bool) -> None:
    click.echo(f"Argilla 2.8.0 is at {address}, its data in {home.folder}")
    if new:
        click.echo("Shown once, and kept in credentials.json there:")
        for name, value in new.items():
            click.echo(f"  {name:9} {value}")
    else:
        click.echo("user owner; password and API key are in credentials.json there")
    stop = f"globmed review stop --home {home.folder}" if background else "Ctrl-C"
    click.echo(f"It is stopped by: {stop}")


def _end(server) -> None:
    """Ask the server to end, once; Ctrl-C in a terminal has asked it already."""
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _foreground(server, home) -> None:
    """Wait for the server's end; a signal to this process ends it."""
    try:
        status = server.wait()
    except (KeyboardInterrupt, SystemExit):
        _end(server)
        status = 0
    home.pid_file.unlink(missing_ok=True)
    if status not in (0, -signal.SIGTERM, -signal.SIGINT):
        from globmed_tools.errors import GlobmedError

        raise GlobmedError(f"The server ended with status {status}. Its log: {home.log}.")
    click.echo("The server has ended.", err=True)
