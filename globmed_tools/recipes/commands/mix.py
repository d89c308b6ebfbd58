"""`globmed recipes mix`: one balanced training file from exported conversations."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import click

from ..mix.options import EVAL_GROUPS, EVAL_PART, MAX_REPEATS, TEMPERATURE


@click.command("mix")
@click.argument("paths", metavar="EXPORT...", nargs=-1, required=True)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where the mix goes.")
@click.option(
    "--temperature",
    type=float,
    default=TEMPERATURE,
    show_default=True,
    metavar="T",
    help="Language l gets n_l^(1/T): 1 as it is, inf all equal. 3.3, the exponent 0.3 of XLM-R and mT5, is our choice.",
)
@click.option(
    "--max-repeats",
    type=click.IntRange(1),
    default=MAX_REPEATS,
    show_default=True,
    metavar="N",
    help="No entry more often than this; the surplus goes to the other languages. Our choice.",
)
@click.option("--entries", type=click.IntRange(1), metavar="N", help="Size of the mix [as many as there are].")
@click.option("--tokens", type=click.IntRange(1), metavar="N", help="Size of the mix in tokens, at most.")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Only this language (may be repeated).")
@click.option("--set", "sets", multiple=True, metavar="NAME=SHARE", help="Share of this set, 0.3 or 30%.")
@click.option("--form", "forms", multiple=True, metavar="FORM=SHARE", help="Share of mcq, nli, yesno or longform.")
@click.option(
    "--eval-per-language",
    type=click.IntRange(0),
    metavar="N",
    help=f"Groups held out, in all languages, to evaluate each [{EVAL_GROUPS}, at most 1 in {EVAL_PART}].",
)
@click.option("--split", "splits", multiple=True, metavar="SPLIT", help="Train on this split (repeatable) [train].")
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Refuse rows of these test items too (repeatable): an export, a run, a folder of sets, a file.",
)
@click.option("--drop-held-out", is_flag=True, help="Leave such rows out, and list them, instead of refusing the data.")
@click.option("--tokenizer", type=click.Path(path_type=Path), metavar="DIR", help="Count tokens with this tokenizer.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of what is held out, drawn first, and the order.")
@click.option("--force", is_flag=True, help="Replace the mix that DIR holds.")
@click.option("--dry-run", is_flag=True, help="Show the mix, write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest instead of tables.")
def mix(paths, out, sets, forms, against, tokenizer, force, dry_run, as_json, **options):
    """Write one training file in which languages are balanced, and evaluation files by language.

    EXPORT is a folder of `globmed curate export` that holds the layout chat, a file of that layout, or the word sample.
    Rows of an item that is held out for testing, in any language, are refused: those of other splits of the same export,
    of the bundled sample, and of what --against names.

    \b
    Examples:
      globmed curate export build --out release --layout entries,chat
      globmed recipes mix release --out mix --tokenizer Qwen3-8B-Base
      globmed recipes mix release --out mix --temperature inf --tokens 200000000 --tokenizer Qwen3-8B-Base
      globmed recipes mix release --out mix --form longform=20% --set bionli=0.05 --dry-run
      globmed recipes mix release more.jsonl --out mix --language sw --language yo --against data/
      globmed recipes mix sample --out mix                          the bundled sample, to try everything
    """
    from ..mix import mix as run
    from ..mix.options import Options, share

    given = {name: value for name, value in options.items() if value is not None and value != ()}
    given["sets"] = dict(share(one, "--set") for one in sets)
    given["forms"] = dict(share(one, "--form") for one in forms)
    with bars(hidden=as_json) as progress:
        told = run(
            paths,
            out,
            Options(**given),
            against=against,
            tokenizer=tokenizer,
            force=force,
            dry_run=dry_run,
            progress=progress,
        )
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _show(told, out, dry_run)


@contextmanager
def bars(hidden: bool):
    """Yields progress(what, whole) -> tick(done): bars on stderr, only where that is a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal) as shown:

        def progress(what: str, whole: int):
            task, waiting, step = shown.add_task(what, total=whole), 0, max(whole // 200, 1)

            def tick(done: int) -> None:
                nonlocal waiting
                waiting += done
                if waiting >= step:  # redrawing for each row costs as much as reading it
                    shown.advance(task, waiting)
                    waiting = 0

            return tick

        yield progress


def _show(told: dict, out: Path, dry_run: bool) -> None:
    from ... import console as screen
    from ... import languages

    shown = screen.console()
    sizes = ("tokens", "longest") if told["tokenizer"] else ("characters", "bytes")
    held = {one["language"]: one["entries"] for one in told["eval"]}
    made = screen.table(
        "lang",
        "language",
        "eval",
        "to train",
        "p before",
        "p wanted",
        "p",
        "drawn",
        "unique",
        "repeats",
        *sizes,
        title="mix",
    )
    for one in told["languages"]:
        code = one["language"]
        made.add_row(
            *(code, languages.get(code).name, f"{held.get(code, 0):,}", f"{one['available']:,}"),
            *(f"{one[name]:.4f}" for name in ("p_before", "p_target", "p")),
            *(f"{one[name]:,}" for name in ("drawn", "unique", "repeats", *sizes)),
        )
    shown.print(made)
    made = screen.table("set", "form", "to train", "drawn", "share", "unique", "repeats", *sizes)
    for one in told["sets"]:
        share = one["drawn"] / told["entries"] if told["entries"] else 0
        counts = (f"{one[name]:,}" for name in ("unique", "repeats", *sizes))
        made.add_row(one["set"], one["form"], f"{one['available']:,}", f"{one['drawn']:,}", f"{share:.4f}", *counts)
    shown.print(made)
    size = (
        f"{told['tokens']:,} tokens of {told['tokenizer']['name']}" if told["tokenizer"] else f"{told['bytes']:,} bytes"
    )
    shown.print(f"{told['entries']:,} entries, {told['unique']:,} of them different; {size}", highlight=False)
    checked = ", ".join(f"{one['name']} ({one['items']:,} items)" for one in told["against"] if "items" in one)
    shown.print(f"none is held out by {checked}, or by the bundled sample", highlight=False, markup=False)
    for line in told["notes"]:
        shown.print(f"note: {line}", highlight=False, markup=False)
    if dry_run:
        shown.print("Dry run: nothing was written.")
    else:
        shown.print(f"next: globmed recipes check RECIPE, beside the folder {out}", highlight=False, markup=False)
