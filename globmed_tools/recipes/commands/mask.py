"""globmed recipes mask: see which tokens are trained."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--data", type=click.Path(path_type=Path), help="A JSONL file of conversations [the recipe's, or the sample]."
)
@click.option(
    "-n", "each", default=2, show_default=True, type=click.IntRange(0), help="Rows a language; 0: all, two shown."
)
@click.option("--language", "codes", multiple=True, metavar="CODE", help="Only this language (repeatable).")
@click.option("--model", metavar="DIR", help="A folder with the tokenizer, instead of the recipe's base model.")
@click.option("--stand-in", is_flag=True, help="A tokenizer made on the spot with the base model's special tokens.")
@click.option("--env", "home", type=click.Path(path_type=Path), help="Axolotl's environment.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def mask(names, data, each, codes, model, stand_in, home, as_json):
    """Show which tokens a recipe trains, row by row and packed, by Axolotl's own tokenisation.

    NAME is a shipped recipe or a file. Trained text is green in a terminal and stands in ⟦ ⟧ elsewhere. Exit status 1
    where anything but the assistant's turns and their terminators is trained, or something of them is not.

    \b
    Examples:
      globmed recipes mask qwen3-8b-lora --data mix/train.jsonl --language sw
      globmed recipes mask gemma-3-4b-lora --stand-in -n 1
      globmed recipes mask mine.yml -n 0 --json | jq '.recipes[0].summary'
    """
    from ... import languages
    from .. import mask as masks
    from .. import recipe as files

    if model and stand_in:
        raise click.UsageError("--model and --stand-in are two answers to one question")
    codes = [languages.get(code).code for code in codes]
    recipes = [files.read(name) for name in names]
    seen = masks.look(recipes, data=data, each=each, codes=codes, model=model, stand_in=stand_in, home=home)
    if as_json:
        shown = [
            {
                "recipe": one.recipe,
                "terminator": one.terminator,
                "summary": one.summary(),
                "packed": one.packed,
                "problems": one.problems(),
                "examples": one.examples,
            }
            for one in seen
        ]
        click.echo(json.dumps({"recipes": shown}, ensure_ascii=False, indent=1))
    else:
        for one in seen:
            _show(one)
    click.get_current_context().exit(1 if any(one.problems() for one in seen) else 0)


def _show(seen) -> None:
    from rich.text import Text

    from ...console import console, table

    out = console()
    for one in seen.examples:
        if "segments" not in one:
            continue
        text = Text(f"{one['language']} {one['id']}  ", style="bold")
        for part, trained in one["segments"]:
            if out.is_terminal:
                text.append(part, style="bold green" if trained else "dim")
            else:
                text.append(f"⟦{part}⟧" if trained else part, style="")
        out.print(text, soft_wrap=True)
    columns = ("language", "rows", "tokens", "trained", "share", "terminator trained", "wrong")
    shown = table(*columns, title=f"{seen.recipe}: the terminator is {seen.terminator}")
    for code, row in seen.summary().items():
        ended = f"{row['terminator']} of {row['examples']}"
        counts = (row["examples"], row["tokens"], row["trained"], f"{row['share']:.1%}", ended, row["problems"])
        shown.add_row(code, *map(str, counts))
    out.print(shown)
    if seen.packed:
        packed = seen.packed
        found = "; ".join(packed["problems"]) or "each is there once, trained as it is unpacked"
        out.print(
            f"packed: {packed['entries']} rows in {packed['bins']} sequences, {packed['efficiency']:.0%} full: {found}"
        )
    for problem in seen.problems():
        out.print(f"wrong: {problem}", style="red", markup=False)
