"""`globmed curate`: from the original files of a source set to entries.

The commands are thin: each one is a library function of the same name, a table for people and --json for programs.
"""

from __future__ import annotations

from pathlib import Path

import click

from globmed_tools.errors import GlobmedError, suggest

#: Commands in modules of their own, imported when they are asked for.
MODULES = {
    "run": "run:run_command",
    "status": "history:status",
    "explain": "history:explain",
    "diff": "history:diff",
    "report": "report:report",
    "export": "export:export",
    "lid": "lid:lid",
    "glossary": "glossary:glossary",
    "translate": "translate:translate",
    "decontaminate": "decontaminate:decontaminate",
    "deduplicate": "deduplicate:deduplicate",
}


class Commands(click.Group):
    """The commands of this module, those of MODULES, and one for each stage."""

    def list_commands(self, ctx):
        from .commands.stage import ABOUT

        return sorted({*super().list_commands(ctx), *MODULES, *ABOUT})

    def get_command(self, ctx, name):
        from importlib import import_module

        from .commands import stage

        if name in MODULES:
            module, _, attribute = MODULES[name].partition(":")
            return getattr(import_module(f"globmed_curation.commands.{module}"), attribute)
        return stage.make(name) if name in stage.ABOUT else super().get_command(ctx, name)

    def resolve_command(self, ctx, args):
        if args and self.get_command(ctx, args[0]) is None:
            ctx.fail(f"no such command {args[0]!r}{suggest(args[0], self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands)
def curate():
    """Build the data set: read source sets, clean, split, translate, check and export them.

    \b
    globmed curate run curation/globmed.yml --out build --dry-run     all of it, as a pipeline file says
    globmed curate status build                                       how far it is
    globmed curate explain build ID                                   what became of one entry
    globmed curate ingest headqa HEAD/ HEAD_EN/ --out data            one set, one stage at a time
    """


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

    from .sources import ADAPTERS, LAYOUTS, load

    found = [catalog.get(name) for name in ADAPTERS]
    rows = [
        dict(set=one.name, title=one.title, form=one.form, licence=one.origin, files=list(load(one.name).PATTERNS))
        for one in found
    ]
    layouts = {name: (load("", name).__doc__ or "").partition("\n")[0] for name in LAYOUTS}
    if as_json:
        click.echo(json.dumps({"sources": rows, "layouts": layouts}, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("set", "form", "origin and licence", "expected files")
    for row in rows:
        table.add_row(row["set"], row["form"], row["licence"], "\n".join(row["files"]))
    console = Console()
    console.print(table)
    for name, about in layouts.items():
        console.print(f"--layout {name}: {about}", highlight=False)


@curate.command()
@click.argument("name", metavar="SET")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Write into DIR/SET.")
@click.option("--language", metavar="CODE", help="The files' language, where they do not say it themselves.")
@click.option("--split", type=click.Choice(["train", "dev", "test"]), help="The split, whatever the file's name says.")
@click.option(
    "--layout",
    type=click.Choice(["original", "released", "table"]),
    help="released: the set as it stands on the hub. table: any table, with --mapping. Default: the set's own files.",
)
@click.option("--mapping", type=click.Path(path_type=Path), metavar="FILE", help="The YAML file that explains a table.")
@click.option("--variant", help="mmlu_clinical_african: human, mt (machine) or bt (back-translation).")
@click.option(
    "--other-languages", is_flag=True, default=None, help="Keep languages that languages.toml has no row for."
)
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
def ingest(name: str, paths: tuple[Path, ...], out: Path, mapping: Path | None, as_json: bool, quiet: bool, **options):
    """Read the files of one source set and write its entries.

    PATH is a file, or a folder that is searched for the set's files (see `globmed curate sources`). What cannot be used
    goes to dropped.jsonl with its reason. SET is `table` for a table of your own.

    \b
    Examples:
      globmed curate ingest headqa head-qa/ --out data
      globmed curate ingest medqa test.jsonl phrases_no_exclude_test.jsonl --out data
      globmed curate ingest medmcqa dev.json --split test --out data --format parquet
      globmed curate ingest pubmedqa ori_pqal.json test_ground_truth.json --out data --dry-run --json
      globmed curate ingest medqa GlobMed_MedQA/ --layout released --out data
      globmed curate ingest table exam.xlsx --mapping exam.yml --out data
    """
    import json

    from .commands.progress import counting
    from .ingest import ingest as run

    if mapping:
        if options["layout"] not in (None, "table"):
            raise GlobmedError(f"--mapping has no meaning for --layout {options['layout']}. Leave one of the two out.")
        paths, options["layout"] = (*paths, mapping), "table"
    with counting(f"reading {name}", hidden=quiet or as_json) as tick:
        summary = run(name, paths, out, tick=tick, **options)
    if as_json:
        click.echo(json.dumps(summary.to_dict(), ensure_ascii=False))
    elif not quiet:
        _show(summary.to_dict(), out)


def _show(found: dict, out: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    from globmed_tools import catalog

    console = Console(soft_wrap=True)
    table = Table("language", "split", "kept", "dropped", title=found["set"], title_justify="left")
    for part in found["splits"]:
        table.add_row(part["language"], part["split"], f"{part['kept']:,}", f"{part['dropped']:,}")
    console.print(table)
    for kind in ("dropped", "skipped"):
        for reason, count in found[kind].items():
            console.print(f"{kind}: {count:,} {reason}", highlight=False)
    for note in found["notes"]:
        console.print(f"note: {note}", highlight=False, markup=False)
    if found["folder"] is None:
        console.print("Dry run: nothing was written.")
        return
    where = f"{found['entries']:,} entries are in {found['folder']}, dropped items in its dropped.jsonl."
    console.print(where, highlight=False)
    if found["set"] in catalog.table() and catalog.get(found["set"]).bench:
        console.print(f"Next: globmed bench doctor --data {out}", highlight=False)
