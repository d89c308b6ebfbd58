"""`globmed curate glossary`: build a glossary of terms in many languages, and look into it."""

from __future__ import annotations

import json
from pathlib import Path

import click

_PATH = click.Path(path_type=Path)
VARIABLE = "GLOBMED_GLOSSARY"
_GLOSSARY = click.option(
    "-g",
    "--glossary",
    "path",
    required=True,
    type=_PATH,
    envvar=VARIABLE,
    metavar="FILE",
    help=f"The glossary: a built one, or a CSV, TSV or TMX [${VARIABLE}].",
)
_FROM = click.option("--from", "source", default="en", show_default=True, metavar="CODE", help="Language of the terms.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")


@click.group()
def glossary():
    """Terms in many languages: build a glossary from what you have, look terms up, list what sources disagree on."""


@glossary.command()
@click.argument("paths", metavar="SOURCE...", nargs=-1, required=True, type=_PATH)
@click.option("-o", "--out", required=True, type=_PATH, metavar="FILE", help="The glossary to write, FILE.parquet.")
@click.option("--name", metavar="TEXT", help="What the source is called [the name of its first file].")
@click.option("--licence", default="unknown", metavar="TEXT", help="Its licence, as CC0 1.0 [unknown, and said to be].")
@click.option(
    "--format", type=click.Choice(["csv", "tmx", "labels", "umls"]), help="How it is read [as the file's name says]."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="KEY=NAME",
    help="Which column is what: term, target, source_language, language, concept, or a language's code (may be repeated).",
)
@click.option("--delimiter", metavar="SIGN", help="Between columns [a comma; in .tsv a tab].")
@click.option("--separator", metavar="SIGN", help="Between alternatives in a cell [a cell is one term].")
@click.option(
    "--language-name",
    "names",
    multiple=True,
    metavar="NAME=CODE",
    help="What a name of a language in the files is, as zh_TW=zh (may be repeated).",
)
@click.option("--vocabulary", "vocabularies", multiple=True, metavar="SAB", help="UMLS: only this (may be repeated).")
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="CODE",
    help="Languages of the terms (may be repeated) [what a file translates from; English where it does not say].",
)
@click.option("--into", "targets", multiple=True, metavar="CODE", help="Only these translations (may be repeated).")
@click.option(
    "--max-words",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="Terms of more words are sentences and left out, as are translations of more than twice as many.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE.")
@click.option("--dry-run", is_flag=True, help="Read and count, write nothing.")
@_JSON
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def build(
    paths, out: Path, sources, targets, max_words: int, overwrite: bool, dry_run: bool, as_json, quiet, **of_source
):
    """Build a glossary from terminologies and write it as one file.

    The SOURCE files are one source, which --name and --licence describe: CSV or TSV (TICO-19's columns, a column for each
    language, or --column), TMX (also .zip, .gz), labels by language as Wikidata exports them (JSON, JSONL, CSV), or your own
    licensed MRCONSO.RRF of UMLS. Several sources stand in a YAML file (SOURCE.yml), each with name, licence and paths; a built
    glossary (.parquet) keeps those that it has. The source that is named first is preferred; what others say is kept, and
    marked where they disagree.

    \b
    Examples:
      globmed curate glossary build terminologies/f_en-*.csv --name TICO-19 --licence "CC0 1.0" -o terms.parquet
      globmed curate glossary build sources.yml -o terms.parquet --dry-run
      globmed curate glossary build ward.csv --column en=English --column sw=Kiswahili --licence own -o ward.parquet
      globmed curate glossary build list.csv --column term=Term --column target=Istilahi --column source_language=en \\
          --column language=sw --separator "|" --licence own -o list.parquet
      globmed curate glossary build wikidata.jsonl --licence "CC0 1.0" --from en --from es -o labels.parquet
      globmed curate glossary build MRCONSO.RRF --vocabulary MSH --vocabulary MSHSPA --licence UMLS -o umls.parquet
    """
    from globmed_tools import languages
    from globmed_tools.errors import GlobmedError

    from ..glossary import Glossary
    from ..glossary import build as builder
    from ..glossary import table as tables
    from .progress import counting

    if out.suffix.lower() != ".parquet":
        raise GlobmedError(f"{out}: a glossary is a Parquet file. Give it a name that ends in .parquet.", 2)
    if out.exists() and not (overwrite or dry_run):
        raise GlobmedError(f"{out}: exists. Say --overwrite to replace it, or choose another name.")
    sources, targets = (tuple(languages.get(code).code for code in codes) for codes in (sources, targets))
    wanted = _wanted(paths, of_source)
    with counting("reading terms", hidden=quiet or as_json) as tick:
        table = builder.build(wanted, builder.Limits(sources, targets, max_words), tick)
    told = _told(Glossary(table), None if dry_run else out)
    if not dry_run:
        tables.write(out, table)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    elif not quiet:
        _show(told)
        click.echo("Dry run: nothing was written." if dry_run else f"The glossary is in {out}.")


def _wanted(paths: tuple[Path, ...], given: dict) -> list:
    """The sources: those of YAML files in their places, the other files as one."""
    from ..glossary.build import Wanted
    from ..glossary.wanted import checked, of_yaml

    found, files = [], [path for path in paths if path.suffix.lower() not in (".yml", ".yaml")]
    for path in paths:
        if path not in files:
            found += of_yaml(path)
        elif path == files[0]:
            name = given["name"] or next((one.stem for one in files if one.suffix.lower() != ".parquet"), path.stem)
            values = {key: given[key] for key in ("licence", "format", "delimiter", "separator", "vocabularies")}
            values |= {"format": given["format"] or "", "columns": _pairs(given["columns"], "--column")}
            values["languages"] = _pairs(given["names"], "--language-name")
            found.append(checked(Wanted(name=name, paths=tuple(files), **values)))
    return found


def _pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    made = dict(value.partition("=")[::2] for value in values)
    if wrong := [key for key, value in made.items() if not (key and value)]:
        raise click.UsageError(f"{option}: {wrong[0]!r} found; it is written KEY=NAME.")
    return {key.strip(): value.strip() for key, value in made.items()}


@glossary.command()
@_GLOSSARY
@_JSON
def info(path: Path, as_json: bool):
    """What a glossary holds: sources, licences, what was left out of each, terms by language, conflicts.

    \b
    Examples:
      globmed curate glossary info -g terms.parquet
      globmed curate glossary info -g f_en-yo_NG.csv --json
    """
    from ..glossary import Glossary

    told = _told(Glossary.open(path), path)
    click.echo(json.dumps(told, ensure_ascii=False)) if as_json else _show(told)


def _told(found, path: Path | None) -> dict:
    from collections import Counter
    from dataclasses import asdict

    given = Counter(found.table["source"].to_pylist())
    pairs = [{"from": one, "to": other, "terms": count} for (one, other), count in found.pairs.items()]
    return {
        "file": str(path) if path else None,
        "digest": found.digest,
        "rows": found.table.num_rows,
        "pairs": pairs,
        "conflicts": len(found.conflicts()),
        "sources": [
            {**asdict(one), "translations": given[number], "left_out": one.left_out}
            for number, one in enumerate(found.sources)
        ],
    }


def _show(told: dict) -> None:
    from globmed_tools.console import console, table

    shown = console()
    rows = table("source", "licence", "files", "translations", title="preferred first")
    for one in told["sources"]:
        rows.add_row(one["name"], one["licence"], f"{len(one['files']):,}", f"{one['translations']:,}")
    shown.print(rows)
    rows = table("from", "to", "terms")
    for one in told["pairs"]:
        rows.add_row(one["from"], one["to"], f"{one['terms']:,}")
    shown.print(rows)
    say = lambda line: shown.print(line, highlight=False, markup=False)  # noqa: E731
    for one in told["sources"]:
        for reason, count in one["left_out"].items():
            say(f"left out of {one['name']}: {count:,} {reason}")
        if one["licence"] == "unknown":
            say(
                f"note: the licence of {one['name']} is unknown. Name it (--licence) before you publish what was made with it."
            )
    say(f"{told['rows']:,} translations, digest {told['digest']}")
    if told["conflicts"]:
        say(f"{told['conflicts']:,} terms are translated differently: see `globmed curate glossary conflicts`.")


@glossary.command()
@_GLOSSARY
@click.option("--language", metavar="CODE", help="Only translations into this language [all].")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Show the first N [all].")
@_JSON
def conflicts(path: Path, language: str | None, limit: int | None, as_json: bool):
    """List the terms that two sources, or two concepts of one, translate without having a translation in common.

    The first source of the list is the one that is preferred.

    \b
    Examples:
      globmed curate glossary conflicts -g terms.parquet --language sw
      globmed curate glossary conflicts -g terms.parquet --limit 20 --json
    """
    from globmed_tools import languages

    from ..glossary import Glossary

    found = Glossary.open(path).conflicts(languages.get(language).code if language else None)
    shown = found[:limit]
    if as_json:
        click.echo(json.dumps({"conflicts": shown, "count": len(found)}, ensure_ascii=False))
        return
    from globmed_tools.console import console, table

    rows = table("term", "to", "translation", "source", "concept", "licence")
    for one in shown:
        for place, row in enumerate(one["translations"]):
            first = ("", "") if place else (one["term"], one["language"])
            rows.add_row(*first, row["target"], row["source"], row["concept"], row["licence"])
    console().print(rows)
    click.echo(f"{len(found):,} conflicts" + (f", the first {len(shown):,} shown" if len(shown) < len(found) else ""))


@glossary.command()
@click.argument("terms", metavar="TERM...", nargs=-1, required=True)
@_GLOSSARY
@click.option("--language", required=True, metavar="CODE", help="Translations into this language.")
@_FROM
@_JSON
def lookup(terms, path: Path, language: str, source: str, as_json: bool):
    """Say how a glossary translates a TERM, with source and licence; what comes near where it does not have it.

    The exit status is 1 where no TERM was found.

    \b
    Examples:
      globmed curate glossary lookup "acute bronchitis" --language yo -g terms.parquet
      GLOBMED_GLOSSARY=terms.parquet globmed curate glossary lookup quarantine fever --language sw --json
    """
    from globmed_tools import languages

    from ..glossary import Glossary
    from ..glossary.search import lookup as look

    opened = Glossary.open(path)
    into, of = languages.get(language).code, languages.get(source).code
    _known(opened, of, into, path)
    found = [look(opened, term, into, of) for term in terms]
    if as_json:
        click.echo(json.dumps({"found": found}, ensure_ascii=False))
    else:
        _show_found(found)
    if not any(one["terms"] for one in found):
        raise SystemExit(1)


def _known(opened, source: str, target: str, path: Path) -> None:
    from globmed_tools.errors import GlobmedError

    if (source, target) not in opened.pairs:
        known = " ".join(sorted({f"{one}-{other}" for one, other in opened.pairs}))
        raise GlobmedError(f"{path}: has no terms from {source} to {target}. It has: {known}.")


def _show_found(found: list[dict]) -> None:
    from globmed_tools.console import console, table

    shown = console()
    rows = table("term", "translation", "source", "licence", "note")
    for one in found:
        for term in one["terms"]:
            for place, row in enumerate(term["translations"]):
                note = "conflict" if row["conflict"] else ""
                rows.add_row("" if place else term["term"], row["target"], row["source"], row["licence"], note)
    if rows.row_count:
        shown.print(rows)
    for one in (one for one in found if not one["terms"]):
        parts = [f"{one['asked']!r} is not in the glossary."]
        parts += [f"In it: {', '.join(one['inside'])}."] if one["inside"] else []
        parts += [f"Near: {', '.join(one['near'])}."] if one["near"] else []
        shown.print(" ".join(parts), highlight=False, markup=False)


@glossary.command()
@click.argument("text")
@_GLOSSARY
@click.option("--language", required=True, metavar="CODE", help="Translations into this language.")
@_FROM
@_JSON
def find(text: str, path: Path, language: str, source: str, as_json: bool):
    """Find the terms in a TEXT (- for standard input), as `translate` and `check` do.

    \b
    Examples:
      globmed curate glossary find "Acute bronchitis, no quarantine" --language sw -g terms.parquet
      globmed curate glossary find - --language yo -g terms.parquet --json < note.txt
    """
    from globmed_tools import languages

    from ..glossary import Glossary

    opened = Glossary.open(path)
    into, of = languages.get(language).code, languages.get(source).code
    _known(opened, of, into, path)
    text = click.get_text_stream("stdin", encoding="utf-8").read() if text == "-" else text
    hits = opened.find(text, into, of)
    if as_json:
        found = [{"text": text[hit.start : hit.end], **hit._asdict()} for hit in hits]
        click.echo(json.dumps({"digest": opened.digest, "hits": found}, ensure_ascii=False))
        return
    from globmed_tools.console import console, table

    rows = table("at", "text", "term", "translations", "sources", "note")
    for hit in hits:
        note = "conflict" if hit.conflict else ""
        cells = (text[hit.start : hit.end], hit.term, " | ".join(hit.targets), ", ".join(hit.sources), note)
        rows.add_row(f"{hit.start}-{hit.end}", *cells)
    console().print(rows)
    click.echo(f"{len(hits):,} terms")
