"""`globmed curate lid`: train, measure and try the model that tells languages."""

from __future__ import annotations

import json
from pathlib import Path

import click

_PATH = click.Path(path_type=Path)
_MODEL = click.option(
    "--lid-model", "model", default="", metavar="PATH", help="Another fastText model [the shipped one]."
)


@click.group()
def lid():
    """Tell languages: train, measure or try the model behind identify_language."""


@lid.command()
@click.option("--data", required=True, type=_PATH, metavar="DIR", help="The folder with the files of corpus.toml.")
@click.option(
    "--out", required=True, type=_PATH, metavar="FILE", help="The model, FILE.ftz; two more are written beside it."
)
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def train(data: Path, out: Path, quiet: bool):
    """Train the model anew from openly licensed text: a few minutes, one thread, the same bytes each time.

    It needs a fastText that trains, and scikit-learn: CARD.md beside the model tells which versions made the shipped one.

    \b
    Examples:
      globmed curate lid train --data data --out model.ftz
      globmed curate lid evaluate --data data --lid-model model.ftz
    """
    from globmed_tools.errors import GlobmedError

    from ..lid.train import train as run

    if out.suffix != ".ftz":
        raise GlobmedError(f"{out}: the model's name must end in .ftz; .pieces and .json are written beside it.", 2)
    written = run(data, out, say=lambda text: None if quiet else click.echo(text, err=True))
    if not quiet:
        for path in written:
            click.echo(f"{path}: {path.stat().st_size:,} bytes")


@lid.command()
@click.option("--data", required=True, type=_PATH, metavar="DIR", help="The folder with the files of corpus.toml.")
@_MODEL
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def evaluate(data: Path, model: str, as_json: bool):
    """Measure the model on documents, domains and languages that it was not trained on.

    \b
    Examples:
      globmed curate lid evaluate --data data
      globmed curate lid evaluate --data data --lid-model glotlid.bin --json
    """
    from ..lid import load
    from ..lid.evaluate import evaluate as run
    from ..lid.evaluate import read

    found = run(read(data), load(model).identify)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    from globmed_tools.console import console, table

    names = (
        "texts",
        "macro_f1",
        "macro_f1_of_17",
        "zu_xh",
        "zu_against_xh",
        "rejected",
        "strangers",
        "strangers_taken",
    )
    shown, rows = console(), table("", *found)
    for name in names:
        values = (part[name] for part in found.values())
        rows.add_row(name, *(f"{value:,}" if isinstance(value, int) else f"{value:.4f}" for value in values))
    shown.print(rows)
    for title, name in (
        ("macro F1 by source", "by_source"),
        ("F1", "by_language"),
        ("taken for ours", "taken_by_language"),
    ):
        rows = table(title, *found, title=None)
        for one in found["sentences"][name]:
            rows.add_row(one, *(f"{part[name][one]:.4f}" if one in part[name] else "" for part in found.values()))
        shown.print(rows)


@lid.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.File("r", encoding="utf-8"))
@_MODEL
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def say(files, model: str, as_json: bool):
    """Say the language of each line of FILE (- for standard input): code, score and text.

    und is a text in no language that the model knows, zxx one without letters.

    \b
    Examples:
      globmed curate lid say notes.txt
      echo "Mgonjwa ana homa kali." | globmed curate lid say -
    """
    from ..lid import identify

    for file in files:
        lines = [line.rstrip("\n") for line in file]
        for guess, line in zip(identify(lines, model), lines):
            if as_json:
                found = {"lid": guess.code, "score": round(guess.score, 4), "text": line}
                click.echo(json.dumps(found, ensure_ascii=False))
            else:
                click.echo(f"{guess.code}\t{guess.score:.3f}\t{line}")
