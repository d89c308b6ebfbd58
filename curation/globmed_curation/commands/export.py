"""`globmed curate export`: tables, conversations, cards and licences from curated entries, and the way to the hub."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("export")
@click.argument("paths", metavar="[IN]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where the export goes.")
@click.option(
    "--layout", "layouts", metavar="NAMES", help="Of hub, parquet, entries, chat, joined by commas [all of them]."
)
@click.option("--set", "sets", multiple=True, metavar="SET", help="Only this set (may be repeated).")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Only this language (may be repeated).")
@click.option(
    "--split",
    "splits",
    multiple=True,
    metavar="SPLIT",
    help="Only this split (may be repeated). chat: train alone, else.",
)
@click.option(
    "--after",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="BUILD",
    help="A build that IN was made from: the card tells its stages and its review too (may be repeated).",
)
@click.option("--rationale", is_flag=True, help="chat: give the reasons, where there are any, before the answer.")
@click.option(
    "--allow-licence",
    multiple=True,
    metavar="CLASS",
    help="Leave for a class that needs it: unknown, no-derivatives, ...",
)
@click.option("--mix", is_flag=True, help="Sets whose licences conflict stand side by side, each under its own.")
@click.option("--allow-pseudo", is_flag=True, help="Let pseudo-translated text through, to try the pipeline.")
@click.option("--name", metavar="TEXT", help="Name of the data set on its card [GlobMed].")
@click.option("--data-version", "version", metavar="X.Y.Z", help="Version of the data set on its card.")
@click.option("--published", metavar="DATE", help="Date of publication on its card, 2026-11-23 [none].")
@click.option("--author", metavar="TEXT", help="Who publishes it.")
@click.option("--url", metavar="URL", help="Where it is published.")
@click.option("--validate", is_flag=True, help="Read the Croissant files back with mlcroissant.")
@click.option("--push", metavar="REPO", help="OWNER/NAME, or OWNER/NAME_{set}: say what would be uploaded to the hub.")
@click.option("--push-layout", type=click.Choice(["hub", "parquet", "chat"]), help="What of it [the first].")
@click.option("--yes", is_flag=True, help="With --push: upload it.")
@click.option("--public", is_flag=True, help="With --push: a public repository [private].")
@click.option("--overwrite", is_flag=True, help="Replace the export that DIR holds.")
@click.option("--dry-run", is_flag=True, help="Read, count and judge; write and upload nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def export(paths, out, after, push, push_layout, yes, public, validate, overwrite, dry_run, as_json, quiet, **options):
    """Write entries as a published data set: tables for the hub, conversations for training, cards and licences.

    IN is a run's folder, a stage's, or JSONL or Parquet files of entries. What may not be published together is refused,
    and so is an item that stands in two splits. Without IN, the export that DIR holds is validated or pushed. Without
    --yes, nothing ever leaves this machine.

    \b
    Examples:
      globmed curate export build --out release --dry-run
      globmed curate export build --out release --set medqa --set headqa --layout hub,parquet --validate
      globmed curate export build --out train --layout chat --rationale --language sw --language zu
      globmed curate export checked --after reviewed --out release                   reviewed, then checked once more
      globmed curate export build --out release --push OWNER/GlobMed_{set}            says what would go up
      globmed curate export --out release --push OWNER/GlobMed_{set} --yes           uploads what release holds
    """
    from globmed_tools import shards

    from ..export import export as run
    from ..export import place
    from ..export.provenance import run_of
    from .progress import counting

    if (yes or public or push_layout) and not push:
        raise click.UsageError("--yes, --public and --push-layout belong to --push REPO.")
    if not (paths or push or validate):
        raise click.UsageError(
            "Name the entries to export, or say what to do with the export in --out: --push, --validate."
        )
    told = {"folder": str(out)}
    if paths:
        config = _config(options)
        place.may_write(out, overwrite or dry_run)
        _apart(paths, out)
        with counting("exporting", hidden=quiet or as_json) as tick:
            read, past = shards.entries(paths), run_of([*after, *paths])
            told = run(read, out, config, run=past, overwrite=overwrite, dry_run=dry_run, tick=tick).to_dict()
    if validate and not dry_run:
        told["croissant"] = _validated(out)
    if push and not (dry_run and paths):
        told["push"] = _push(out, push, push_layout, yes and not dry_run, public)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    elif not quiet:
        _show(told, out)


def _config(options: dict):
    from ..export import Config

    layouts = options.pop("layouts")
    given = {name: value for name, value in options.items() if value not in (None, ())}
    if layouts is not None:
        given["layouts"] = tuple(part.strip() for part in layouts.split(",") if part.strip())
    return Config(**given).checked()


def _apart(paths, out: Path) -> None:
    """GlobmedError where the export would be written into what it reads, or the other way round."""
    from globmed_tools.errors import GlobmedError

    target = out.resolve()
    for path in paths:
        source = path.resolve()
        if source == target or source in target.parents or target in source.parents:
            raise GlobmedError(f"{out} and {path} lie in each other. Choose an --out beside the input.")


def _validated(out: Path) -> dict[str, list[str]]:
    """The Croissant files and what mlcroissant warns of in each."""
    from ..export import croissant

    return {path.relative_to(out).as_posix(): croissant.validate(path) for path in sorted(out.rglob(croissant.NAME))}


def _push(out: Path, repo: str, layout: str | None, yes: bool, public: bool) -> dict:
    from ..export import push

    uploads = push.plan(out, repo, layout=layout, public=public)
    told = {"uploaded": False, "repositories": [one.to_dict() for one in uploads]}
    return told | ({"uploaded": True, "urls": push.push(uploads)} if yes else {})


def _show(told: dict, out: Path) -> None:
    from globmed_tools.console import console

    shown = console()
    if "parts" in told:
        _show_export(told, out, shown)
    for path, warnings in told.get("croissant", {}).items():
        shown.print(f"{path}: valid{'; ' + '; '.join(warnings) if warnings else ''}", highlight=False, markup=False)
    if "push" in told:
        _show_push(told["push"], shown)


def _show_export(told: dict, out: Path, shown) -> None:
    from globmed_tools.console import table

    rows = table("set", "languages", "splits", "entries", title="export")
    for name in dict.fromkeys(part["set"] for part in told["parts"]):
        parts = [part for part in told["parts"] if part["set"] == name]
        codes = " ".join(dict.fromkeys(part["language"] for part in parts))
        splits = " ".join(dict.fromkeys(part["split"] for part in parts))
        rows.add_row(name, codes, splits, f"{sum(part['entries'] for part in parts):,}")
    shown.print(rows)
    for layout, facts in told["layouts"].items():
        shown.print(f"{layout}: {facts['rows']:,} rows in {facts['files']:,} files, {facts['bytes'] / 1e6:,.1f} MB")
    for reason, count in told["dropped"].items():
        shown.print(f"dropped: {count:,} {reason}", highlight=False)
    if told["passed_over"]:
        shown.print(f"not asked for: {told['passed_over']:,} entries", highlight=False)
    shown.print(
        f"licence: {told['licence']} (strictest: {told['strictest_licence']}); no legal advice", highlight=False
    )
    for line in told["warnings"]:
        shown.print(f"note: {line}", highlight=False, markup=False)
    if told["folder"] is None:
        shown.print("Dry run: nothing was written.")
        return
    cards = " ".join(f"{out / layout / 'README.md'}" for layout in told["layouts"] if layout != "entries")
    shown.print(
        f"{told['entries']:,} entries are in {out}. Read before you publish: {out / 'LICENCES.md'} {cards}",
        highlight=False,
    )


def _show_push(told: dict, shown) -> None:
    from globmed_tools.console import table

    for one in told["repositories"]:
        kind = "private" if one["private"] else "PUBLIC"
        shown.print(f"{one['repo']} ({kind}), {len(one['files'])} files, {one['bytes']:,} bytes:", highlight=False)
        rows = table("file", "bytes")
        for file in one["files"]:
            rows.add_row(file["path"], f"{file['bytes']:,}")
        shown.print(rows)
    if told["uploaded"]:
        shown.print(f"uploaded: {' '.join(told['urls'])}", highlight=False)
    else:
        shown.print("Nothing was uploaded. Say --yes to do it.")
