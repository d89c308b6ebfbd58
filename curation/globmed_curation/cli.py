"""`globmed curate`: from the original files of a source set to entries.

The commands are thin: each one is a library function of the same name, a table for people and --json for programs.
"""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def curate():
    """Build the data set: read source sets, check, translate and review them."""


@curate.command("sources")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def sources_command(as_json: bool):
    """List the source sets that `ingest` can read, and the files it looks for.

    \b
    Examples:
      globmed curate sources
      globmed curate sources --json
    """
    import json

    from globmed_tools import catalog

    from .sources import ADAPTERS, load

    found = [catalog.get(name) for name in ADAPTERS]
    rows = [
        dict(set=one.name, title=one.title, form=one.form, licence=one.origin, files=list(load(one.name).PATTERNS))
        for one in found
    ]
    if as_json:
        click.echo(json.dumps({"sources": rows}, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("set", "form", "origin and licence", "expected files")
    for row in rows:
        table.add_row(row["set"], row["form"], row["licence"], "\n".join(row["files"]))
    Console().print(table)


@curate.command()
@click.argument("name", metavar="SET")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Write into DIR/SET.")
@click.option("--language", metavar="CODE", help="The files' language, where they do not say it themselves.")
@click.option("--split", type=click.Choice(["train", "dev", "test"]), help="The split, whatever the file's name says.")
@click.option("--gold-base", type=click.IntRange(0, 1), help="medmcqa: does cop count from 0 or from 1?")
@click.option(
    "--format",
    type=click.Choice(["jsonl", "parquet"]),
    default="jsonl",
    show_default=True,
    help="How the entries are written.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N entries a language and split.")
@click.option("--overwrite", is_flag=True, help="Replace what DIR/SET holds.")
@click.option("--dry-run", is_flag=True, help="Read and count, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def ingest(name: str, paths: tuple[Path, ...], out: Path, as_json: bool, quiet: bool, **options):
    """Read the original files of one source set and write its entries.

    PATH is a file, or a folder that is searched for the set's files (see `globmed curate sources`). What cannot be used
    goes to dropped.jsonl with its reason.

    \b
    Examples:
      globmed curate ingest headqa head-qa/ --out data
      globmed curate ingest medqa test.jsonl phrases_no_exclude_test.jsonl --out data
      globmed curate ingest medmcqa dev.json --split test --out data --format parquet
      globmed curate ingest pubmedqa ori_pqal.json test_ground_truth.json --out data --dry-run --json
    """
    import json

    from .ingest import ingest as run

    with _progress(f"reading {name}", hidden=quiet or as_json) as tick:
        summary = run(name, paths, out, tick=tick, **options)
    if as_json:
        click.echo(json.dumps(summary.to_dict(), ensure_ascii=False))
    elif not quiet:
        _show(summary.to_dict(), out)


def _progress(text: str, hidden: bool):
    """A context manager that yields tick(): a running count on stderr, shown only where that is a terminal."""
    import itertools
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)

    @contextmanager
    def running():
        columns = (SpinnerColumn(), TextColumn("{task.description}: {task.completed} items"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal) as bar:
            task = bar.add_task(text, total=None)
            count = itertools.count(1)

            def tick():
                done = next(count)
                if done % 500 == 0:  # redrawing for each item costs as much as reading it
                    bar.update(task, completed=done)

            yield tick

    return running()


def _show(found: dict, out: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=True)
    table = Table("language", "split", "kept", "dropped", title=found["set"], title_justify="left")
    for part in found["splits"]:
        table.add_row(part["language"], part["split"], f"{part['kept']:,}", f"{part['dropped']:,}")
    console.print(table)
    for kind in ("dropped", "skipped"):
        for reason, count in found[kind].items():
            console.print(f"{kind}: {count:,} {reason}", highlight=False)
    if found["folder"] is None:
        console.print("Dry run: nothing was written.")
        return
    where = f"{found['entries']:,} entries are in {found['folder']}, dropped items in its dropped.jsonl."
    console.print(where, highlight=False)
    console.print(f"Next: globmed bench doctor --data {out}", highlight=False)
