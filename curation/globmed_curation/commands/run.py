"""`globmed curate run`: the whole pipeline, or a part of it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .stage import ENGINE, LID_MODEL, WORKERS


@click.command("run")
@click.argument("file", metavar="PIPELINE.yml", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where the data set is built."
)
@click.option(
    "--sources", type=click.Path(path_type=Path), metavar="DIR", help="Where the source files lie [$GLOBMED_SOURCES]."
)
@click.option("--set", "sets", multiple=True, metavar="SET", help="Only this set (may be repeated).")
@click.option(
    "--language", "languages", multiple=True, metavar="CODE", help="Only this target language (may be repeated)."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N items a set, language and split.")
@click.option("--only", metavar="STAGE", help="Run this stage alone; those before it must be complete.")
@click.option(
    "--from", "start", metavar="STAGE", help="Redo this stage and all after it, with the settings as they now are."
)
@click.option("--until", metavar="STAGE", help="Stop when this stage is complete, for example before money is spent.")
@WORKERS
@ENGINE
@LID_MODEL
@click.option("--dry-run", is_flag=True, help="Check everything, say what would be done, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def run_command(
    file, out, sources, sets, languages, limit, only, start, until, workers, engine, lid_model, dry_run, as_json, quiet
):
    """Build a data set as PIPELINE.yml says, in DIR.

    A run that was stopped or killed goes on where it stopped when the same command is given again; the result is the
    same, byte for byte. DIR/kept holds the entries, DIR/dropped what was left out and why, DIR/stages each step.

    \b
    Examples:
      globmed curate run curation/globmed.yml --out build --dry-run
      globmed curate run curation/globmed.yml --out build --sources ~/sets
      globmed curate run curation/globmed.yml --out try --set medqa --language sw --limit 100
      globmed curate run curation/globmed.yml --out build --from check
      globmed curate run curation/globmed.yml --out build --until split
    """
    from globmed_tools.errors import GlobmedError

    from .. import engines, pipeline
    from ..plan import read_plan
    from .progress import shown

    if only and (start or until):
        raise click.UsageError("--only excludes --from and --until: one stage alone, or from one or up to one.")
    plan = read_plan(file, sources=sources, sets=sets, chosen=languages, limit=limit, lid_model=lid_model)
    if dry_run:
        found = pipeline.dry(plan, out)
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False))
        elif not quiet:
            _show_plan(found)
        return
    try:
        with shown(quiet or as_json) as progress:
            runner = engines.Engine(engine, workers or engines.default_workers(), progress)
            found = pipeline.run(plan, out, runner, only=only, start=start, until=until)
    except KeyboardInterrupt:
        raise GlobmedError("interrupted. Nothing finished is lost: the same command goes on from here.", 130) from None
    if plan.missing and not (quiet or as_json):
        click.echo(f"not there, so left out: {', '.join(plan.missing)}", err=True)
    if as_json:
        click.echo(json.dumps({**found, "missing": list(plan.missing)}, ensure_ascii=False))
    elif not quiet:
        show_summary(found)


def _show_plan(found: dict) -> None:
    from globmed_tools.console import console, table

    out = console()
    sets = table("set", "files", "MB", title="sources")
    for row in found["sources"]:
        sets.add_row(row["set"], str(row["files"]), f"{row['bytes'] / 1e6:,.1f}")
    out.print(sets)
    if found["missing"]:
        out.print(f"not there, so left out: {', '.join(found['missing'])}", highlight=False)
    out.print(f"languages: {' '.join(found['languages'])}", highlight=False)
    steps = table("stage", "settings", "state", title=f"stages in {found['out']}")
    for row in found["steps"]:
        settings = ", ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in row["settings"].items())
        steps.add_row(row["stage"], settings[:90], "complete" if row["complete"] else "to do")
    out.print(steps)
    for row in found["steps"]:
        if row.get("asks"):
            out.print(_asking(row), highlight=False)
    out.print("Dry run: nothing was written.")


def _asking(row: dict) -> str:
    """What a stage that asks models would take."""
    told = row["estimate"]
    if told is None:
        return f"{row['stage']} asks models; what that costs is told here once the stages before it are complete (--until)."
    [total] = told["total"] or [{"calls": 0, "answered": 0, "cost": 0}]
    money = "price unknown" if total["cost"] is None else f"about US$ {total['cost']:,.2f}"
    return (
        f"{row['stage']} asks models: {sum(told['translations'].values()):,} translations, {total['calls']:,.0f} calls, of which "
        f"{total['answered']:,.0f} are in the journal; {money}."
    )


def show_summary(found: dict) -> None:
    """Print what a run's folder holds: one row a stage."""
    from globmed_tools.console import console, table

    out = console()
    rows = table(
        "stage", "shards", "kept", "dropped", "CPU s", "peak MB", "most frequent reasons", title=found["folder"]
    )
    for row in found["stages"]:
        most = sorted(row["reasons"].items(), key=lambda item: -item[1])[:3]
        rows.add_row(
            row["stage"],
            str(row["shards"]),
            f"{row['kept']:,}",
            f"{row['dropped']:,}",
            f"{row['cpu']:,.1f}",
            f"{row['peak_mb']:,.0f}",
            ", ".join(f"{reason} {count:,}" for reason, count in most),
        )
    out.print(rows)
    if found["complete"]:
        folder = found["folder"]
        out.print(
            f"Complete: {found['kept']:,} entries in {folder}/kept, {found['dropped']:,} in {folder}/dropped.",
            highlight=False,
        )
        out.print(f"Next: globmed curate report {folder}, or globmed curate export {folder} --out DIR", highlight=False)
    else:
        out.print("Not complete: give the same `run` command again to go on.", highlight=False)
