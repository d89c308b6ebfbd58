"""globmed curate deduplicate: of entries, or of the rows of anybody's files, that say the same, keep one."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .stage import ABOUT, make, settings_of


@click.command(short_help=ABOUT["deduplicate"])
@click.argument("paths", metavar="IN...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Where kept/, dropped/ and like/ go.")
@click.option(
    "--text-column",
    "texts",
    multiple=True,
    metavar="NAME",
    help="Compare this column (may be repeated) [text or messages].",
)
@click.option("--id-column", metavar="NAME", help="Name rows by it; of equals, the smallest id stays.")
@click.option(
    "--language", metavar="CODE", help="The language of all rows, so that its number words and negations are read."
)
@click.option("--language-column", metavar="NAME", help="The column that tells it; rows of one language are compared.")
@click.option(
    "--prefer",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Such a row stays rather than others (may be repeated, the first counts most).",
)
@click.option("--threshold", type=float, metavar="SHARE", help="From this similarity rows are one [0.7].")
@click.option(
    "--max-memory",
    metavar="SIZE",
    help="Work in parts, partly on disk, where more would be needed: 4G, 500M [most of what is free].",
)
@click.option("--curve", is_flag=True, help="Print how likely a pair of some similarity is to be looked at, and stop.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="YAML with this stage's settings.")
@click.option(
    "-s", "--setting", "settings_", multiple=True, metavar="NAME=VALUE", help="One setting (may be repeated)."
)
@click.option("--format", type=click.Choice(["jsonl", "parquet"]), help="How shards of entries are written [jsonl].")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes, or threads for rows, at work [as many as cores].",
)
@click.option("--engine", type=click.Choice(["local", "ray"]), help="Where the work on entries is done [local].")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Rows: look and say what would be dropped. Entries: check settings and input. Write nothing.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.pass_context
def deduplicate(
    ctx, paths, out, texts, id_column, language, language_column, prefer, threshold, max_memory, curve, **rest
):
    """Keep one of several entries that say the same, and flag those that differ in a number only.

    IN is a folder that a stage or `ingest` wrote or files of entries; or anybody's files: JSONL (plain, .gz, .zst) or Parquet, whose
    rows are written as they came. Compared are runs of five characters, so any script will do; what differs in a number, a unit or
    a negation is never taken for one: both stay, and DIR/like names the pair for a person. DIR/kept holds what stays, DIR/dropped the
    rest with what was kept instead and how alike it is, DIR/manifest.json the counts.

    \b
    Of several equal rows stays: the one that --prefer names first, then the smallest --id-column, then the first by file name and line.
    Of entries: official test before dev before train, reviewed before not, then the smallest id.

    \b
    Examples:
      globmed curate deduplicate sft.jsonl --language sw --out once
      globmed curate deduplicate a.jsonl.zst b.parquet --language-column lang --id-column id --prefer split=test --out once
      globmed curate deduplicate qa.parquet --text-column question --text-column answer --dry-run --json
      globmed curate deduplicate data/medqa more.jsonl --out deduplicated -s threshold=0.8
      globmed curate deduplicate --curve
    """
    from globmed_tools.errors import GlobmedError

    settings_ = rest["settings_"] + (() if threshold is None else (f"threshold={threshold}",))
    if curve:
        return _curve(_config(rest["config"], settings_), rest["as_json"])
    for path in paths:
        if not path.exists():
            raise GlobmedError(f"{path}: no such file or folder. Check the path.")
    if not paths:
        raise GlobmedError("IN is missing: a folder of entries, or JSONL or Parquet files.", 2)
    from ..plain import files

    kinds = {files.are_entries(path) for path in paths}
    if len(kinds) > 1:
        raise GlobmedError("entries and other rows in one call. Call it once for each.")
    if out is None and (not rest["dry_run"] or kinds == {True}):
        raise GlobmedError(
            "--out DIR is missing: where should the result go? Rows can be looked at alone: --dry-run.", 2
        )
    if kinds == {True}:
        given = {"--text-column": texts, "--id-column": id_column, "--language": language, "--prefer": prefer}
        given |= {"--language-column": language_column, "--max-memory": max_memory}
        _refuse(given, "files that are no entries")
        given = {name: rest[name] for name in ("config", "workers", "dry_run", "as_json", "quiet")}
        given |= {"format": rest["format"] or "jsonl", "engine": rest["engine"] or "local"}
        return ctx.invoke(make("deduplicate"), paths=paths, out=out, settings_=settings_, **given)
    _refuse({"--format": rest["format"], "--engine": rest["engine"]}, "entries")
    from ..plain.deduplicate import chosen
    from ..plain.deduplicate import deduplicate as run
    from ..plain.gathering import Plan

    plan = Plan(chosen(paths, texts), id_column, _code(language, language_column), language_column, _preferred(prefer))
    silent = rest["quiet"] or rest["as_json"]
    found = run(
        paths,
        plan,
        _config(rest["config"], settings_),
        None if rest["dry_run"] else out,
        max_memory=max_memory,
        threads=rest["workers"],
        hidden=silent,
        told=(lambda needed: None) if silent else _needed,
    )
    if rest["as_json"]:
        click.echo(json.dumps(found, ensure_ascii=False))
    elif not rest["quiet"]:
        _show(found, None if rest["dry_run"] else out)


def _refuse(given: dict, what: str) -> None:
    from globmed_tools.errors import GlobmedError

    for name, value in given.items():
        if value:
            raise GlobmedError(f"{name} is for {what}. Leave it out.", 2)


def _config(file: Path | None, given: tuple[str, ...]):
    from ..plan import make_step

    return make_step(1, "deduplicate", settings_of(file, given), str(file or "--setting")).config


def _code(language: str | None, column: str | None) -> str | None:
    from globmed_tools import languages
    from globmed_tools.errors import GlobmedError

    if language is None:
        return None
    if column is not None:
        raise GlobmedError("--language and --language-column: one of the two says which language a row is in.", 2)
    return languages.get(language).code


def _preferred(given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    from globmed_tools.errors import GlobmedError

    for one in given:
        if not one.partition("=")[1]:
            raise GlobmedError(f"--prefer {one!r}: COLUMN=VALUE was expected.", 2)
    return tuple((one.partition("=")[0], one.partition("=")[2]) for one in given)


def _curve(config, as_json: bool) -> None:
    from globmed_tools.console import console, table

    from ..dedup import Shape, curve

    rows = curve(Shape(config.n, config.lanes, config.bands))
    if as_json:
        click.echo(json.dumps({"n": config.n, "lanes": config.lanes, "bands": config.bands, "curve": rows}))
        return
    title = (
        f"Runs of {config.n} characters, {config.lanes} lanes in {config.bands} bands; merged from {config.threshold}"
    )
    shown = table("similarity", "looked at", title=title)
    for row in rows:
        shown.add_row(f"{row['similarity']:.1f}", f"{row['found']:.1%}")
    console().print(shown)


def _needed(needed: dict) -> None:
    from ..plain.memory import shown

    how = (
        "in one go"
        if needed["plan"] == "whole"
        else f"in parts, a language at a time, with {shown(needed['disk'])} on disk"
    )
    click.echo(
        f"about {needed['rows']:,} rows, {shown(needed['text'])} of text: {shown(needed['whole'])} of memory in one go, "
        f"{shown(needed['parts'])} in parts; {shown(needed['allowed'])} allowed: {how}",
        err=True,
    )


def _show(found: dict, out: Path | None) -> None:
    from globmed_tools.console import console, table

    shown = console()
    reasons = ", ".join(f"{count:,} {name}" for name, count in found["dropped"].items())
    shown.print(f"{found['kept']:,} of {found['rows']:,} rows kept; dropped: {reasons}", highlight=False)
    shown.print(f"{found['like']:,} pairs alike but for a number, a unit or a negation: both stay", highlight=False)
    for note in _notes(found):
        shown.print(note, highlight=False, markup=False)
    if found["examples"]:
        rows = table("row", "kept instead", "similarity", "kind")
        for one in found["examples"]:
            rows.add_row(one["row"], one["kept"], f"{one['similarity']:.2f}", one["kind"])
        shown.print(rows)
    if out is None:
        shown.print("Dry run: nothing was written.", highlight=False)
    else:
        shown.print(
            f"{out}/kept, {out}/dropped, {out}/like; {out}/manifest.json says what was compared", highlight=False
        )


def _notes(found: dict):
    if found["without_text"]:
        yield f"note: {found['without_text']:,} rows without text were not compared, and stay"
    if found["unknown_languages"]:
        names = ", ".join(str(one) for one in found["unknown_languages"])
        yield f"note: not in the language table, so only figures, signs and units forbid a merge: {names}"
    elif not found["words_read"]:
        yield "note: no language was named, so only figures, signs and units forbid a merge; name it with --language"
    if found["compiling"] >= 2:
        yield f"note: {found['compiling']} s of the time went into compiling, which happens once on a machine"
