"""One command a stage: `globmed curate normalize IN... --out DIR`, over entries that are there already."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

#: What `globmed curate --help` says of each stage, so that listing the commands imports no stage.
ABOUT = {
    "normalize": "Clean text and options without touching what medicine needs.",
    "identify_language": "Drop entries that are not in the language they claim.",
    "split": "Divide groups into train, dev and test by hash, keeping official splits.",
    "deduplicate": "Keep one of several entries that say the same, and flag those that differ in a number only.",
    "translate": "Translate entries into other languages.",
    "check": "Compare translations with their sources: numbers, negation, options, language.",
}


#: The stages that tell languages.
LID = ("identify_language", "check")
LID_MODEL = click.option(
    "--lid-model",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="GlotLID or another fastText model to tell languages [the shipped one].",
)
FORMAT = click.option(
    "--format",
    type=click.Choice(["jsonl", "parquet"]),
    default="jsonl",
    show_default=True,
    help="How shards are written.",
)
WORKERS = click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Processes at work [as many as cores]."
)
ENGINE = click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where the work is done.",
)


def make(name: str) -> click.Command:
    """The command of the stage `name`."""

    @click.command(name, help=_help(name), short_help=ABOUT[name])
    @click.argument("paths", metavar="IN...", nargs=-1, required=True, type=click.Path(path_type=Path))
    @click.option(
        "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where kept/ and dropped/ go."
    )
    @click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="YAML with this stage's settings.")
    @click.option(
        "-s", "--setting", "settings_", multiple=True, metavar="NAME=VALUE", help="One setting (may be repeated)."
    )
    @FORMAT
    @WORKERS
    @ENGINE
    @click.option("--dry-run", is_flag=True, help="Check the settings and the input, write nothing.")
    @click.option("--json", "as_json", is_flag=True, help="Print the manifest as one JSON object.")
    @click.option("--quiet", is_flag=True, help="Print nothing but errors.")
    def command(paths, out, config, settings_, format, workers, engine, dry_run, as_json, quiet, lid_model=None):
        from globmed_tools import shards

        from .. import engines, pipeline
        from ..plan import make_step
        from .progress import shown

        step = make_step(1, name, settings_of(config, settings_), str(config or "--setting"), {"lid_model": lid_model})
        if dry_run:
            files = [file for path in paths for file in shards.files(path)]
            told = {"stage": name, "settings": step.settings, "files": [file.name for file in files]}
            if not quiet:
                click.echo(json.dumps(told, ensure_ascii=False, indent=None if as_json else 1))
            return
        with shown(quiet or as_json) as progress:
            runner = engines.Engine(engine, workers or engines.default_workers(), progress)
            found = pipeline.apply(step, list(paths), out, runner, format=format)
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False))
        elif not quiet:
            show(found, out)

    return LID_MODEL(command) if name in LID else command


def _help(name: str) -> str:
    return (
        f"{ABOUT[name]}\n\nIN is a folder that a stage or `ingest` wrote, or JSONL or Parquet files of entries. DIR/kept holds "
        "the entries that passed, DIR/dropped the others with reason and evidence, DIR/manifest.json the counts.\n\n\b\n"
        f"Examples:\n  globmed curate {name} data --out {name}d\n"
        f"  globmed curate {name} data/medqa more.jsonl --out {name}d --config {name}.yml --json"
    )


def settings_of(config: Path | None, given: tuple[str, ...]) -> dict:
    from globmed_tools.errors import GlobmedError

    from ..settings import load_yaml
    from ..settings import value as value_of

    found = load_yaml(config) if config else {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals:
            raise GlobmedError(f"--setting {one!r}: NAME=VALUE was expected.", 2)
        put(found, key, value_of(value))
    return found


def put(values: dict, place: str, value: Any) -> None:
    """Set values["a"]["b"] for the place "a.b"; GlobmedError where something else stands on the way."""
    from globmed_tools.errors import GlobmedError

    *path, last = place.split(".")
    for name in path:
        values = values.setdefault(name, {})
        if not isinstance(values, dict):
            raise GlobmedError(
                f"{place}: {name} is {values!r} and has no settings of its own. Leave one of the two out.", 2
            )
    values[last] = value


def show(found: dict, out: Path) -> None:
    from globmed_tools.console import console, table

    shown = console()
    shown.print(f"{found['kept']:,} kept in {out}/kept, {found['dropped']:,} dropped in {out}/dropped", highlight=False)
    if found["reasons"]:
        rows = table("reason", "entries")
        for reason, count in sorted(found["reasons"].items(), key=lambda item: -item[1]):
            rows.add_row(reason, f"{count:,}")
        shown.print(rows)
