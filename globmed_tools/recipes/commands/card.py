"""`globmed recipes card`: a model card filled from a training run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("card")
@click.argument("run", metavar="RUN_DIR", type=click.Path(path_type=Path))
@click.option("--recipe", "name", required=True, metavar="NAME", help="The recipe that was trained: its name or file.")
@click.option("--mix", type=click.Path(path_type=Path), metavar="DIR", help="The mix that it was trained on.")
@click.option(
    "--results",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Results of lm-eval, also the base model's (repeatable).",
)
@click.option("--title", metavar="TEXT", help="Name of the model [the run's folder].")
@click.option("--licence", metavar="ID", help="Licence of the model, as the hub writes it [not stated].")
@click.option("--dataset", "datasets", multiple=True, metavar="REPO", help="Hub id of its data, if it is there.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it there [print it].")
@click.option("--force", is_flag=True, help="Replace a FILE that was written by hand.")
@click.option("--json", "as_json", is_flag=True, help='Print {"card": text, "file": FILE} instead.')
def card(run, name, output, force, as_json, **facts):
    """Write the card of a trained model from its recipe, its mix, what Axolotl left in RUN_DIR, and scores.

    What is not there is said to be missing; nothing is made up. A mix that RUN_DIR was not trained on is refused.

    \b
    Examples:
      globmed recipes card runs/qwen3-8b-lora --recipe qwen3-8b-lora --mix mix -o runs/qwen3-8b-lora/README.md
      globmed recipes card runs/qwen3-8b-lora --recipe my.yml --mix mix --results results --results results-base
      globmed recipes card runs/globmed-tiny --recipe globmed-tiny
    """
    import json

    from ... import manifest
    from ..card import card as made
    from ..card import may_replace

    if output:
        may_replace(output, force)
    text = made(run, name, **facts)
    if output:
        manifest.write_bytes(output, text.encode())
    if as_json:
        click.echo(json.dumps({"card": text, "file": str(output) if output else None}, ensure_ascii=False))
    elif output:
        click.echo(f"{output}: {len(text.splitlines())} lines. Read it before you publish.")
    else:
        click.echo(text, nl=False)
