"""`globmed curate status`, `explain` and `diff`: what a run holds, what became of an entry, what differs."""

from __future__ import annotations

import json
from pathlib import Path

import click

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def status(folder: Path, as_json: bool):
    """Say how far the run in DIR is. Exit status 0: complete; 1: not complete.

    \b
    Examples:
      globmed curate status build
      globmed curate status build --json
    """
    from globmed_tools.console import console, table

    from ..history import status as find

    found = find(folder)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        rows = table("stage", "state", "shards", "kept", "dropped", "CPU s", "peak MB", title=found["folder"])
        for row in found["stages"]:
            numbers = [f"{row[name]:,}" if name in row else "" for name in ("kept", "dropped", "cpu", "peak_mb")]
            rows.add_row(row["stage"], row["state"], str(row["shards"]), *numbers)
        out = console()
        out.print(rows)
        state = "complete" if found["complete"] else "being worked on" if found["running"] else "not complete"
        out.print(f"{folder}: {state}", highlight=False)
    if not found["complete"]:
        raise SystemExit(1)


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def explain(folder: Path, id: str, as_json: bool):
    """Tell the whole life of one entry in the run DIR, from its source line to where it ended.

    ID may be the start of an id, as long as only one entry begins so.

    \b
    Examples:
      globmed curate explain build f0b7fdb7
      globmed curate explain build f0b7fdb7dbcecbfe8b12592e4612ecbd --json
    """
    from ..history import explain as find

    found = find(folder, id)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    _tell(found)


def _tell(found: dict) -> None:
    if found["source"]:
        _tell({**found["source"], "translations": []})
        click.echo("translated into")
    click.echo(found["id"])
    for event in found["life"]:
        click.echo(f"  {event['stage']:<18} {event['event']}{_facts(event)}")
        for name, (old, new) in event.get("fields", {}).items():
            click.echo(f"    {name}\n      - {_line(old)}\n      + {_line(new)}")
        for step in event.get("steps", ()):
            _step(step)
    for row in found["translations"]:
        click.echo(f"  translation        {row['language']} {row['id']} {row['ended']} ({row['last']})")
    click.echo(f"  ends               {found['ends']}")


def _facts(event: dict) -> str:
    told = {name: value for name, value in event.items() if name not in ("stage", "event", "fields", "steps")}
    return "".join(f"  {name}={_line(value)}" for name, value in told.items())


def _step(step: dict) -> None:
    """One step of a translation: who, how it ended, and its texts."""
    facts = {name: value for name, value in step.items() if not isinstance(value, dict | list)}
    click.echo(f"    {facts.pop('step')}" + "".join(f"  {name}={_line(value)}" for name, value in facts.items()))
    for texts in (step[name] for name in ("texts", "changed") if name in step):
        for name, text in texts.items():
            click.echo(f"      {name}: {_line(text)}")
    for name in ("terms", "unknown", "named", "findings", "unplaced"):
        for one in step.get(name, ()):
            told = ", ".join(f"{key} {_line(value)}" for key, value in one.items()) if isinstance(one, dict) else one
            click.echo(f"      {name}: {told}")


def _line(value) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@click.command()
@click.argument("one", metavar="DIR1", type=FOLDER)
@click.argument("other", metavar="DIR2", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, ids included, instead of a table.")
def diff(one: Path, other: Path, as_json: bool):
    """Compare what two runs (or two folders of entries) kept. Exit status 0: the same; 1: they differ.

    \b
    Examples:
      globmed curate diff build-2026-10 build-2026-11
      globmed curate diff build/stages/2-split build/stages/4-check --json
    """
    from globmed_tools.console import console, table

    from ..history import diff as find

    found = find(one, other)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        rows = table("set and language", f"only in {one}", f"only in {other}", "changed", title="kept entries")
        parts = [found[name]["by"] for name in ("only_in_one", "only_in_other", "changed")]
        for name in sorted({key for part in parts for key in part}):
            rows.add_row(name, *(f"{part.get(name, 0):,}" for part in parts))
        rows.add_row("all", *(f"{found[name]['entries']:,}" for name in ("only_in_one", "only_in_other", "changed")))
        out = console()
        out.print(rows)
        if any(a != b for a, b in found["reasons"].values()):
            drops = table("reason", str(one), str(other), title="dropped entries")
            for reason, (a, b) in found["reasons"].items():
                drops.add_row(reason, f"{a:,}", f"{b:,}")
            out.print(drops)
        out.print("The same." if found["equal"] else "They differ.")
    if not found["equal"]:
        raise SystemExit(1)
