"""globmed recipes rehearse: two real steps of a recipe on a CPU, before a GPU is rented."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click

from ...errors import GlobmedError


@click.command()
@click.argument("names", nargs=-1, metavar="NAME...")
@click.option("--all", "everything", is_flag=True, help="All shipped recipes.")
@click.option("--steps", default=2, show_default=True, type=click.IntRange(1), help="Steps of the optimiser.")
@click.option(
    "--mix", type=click.Path(path_type=Path, exists=True, file_okay=False), help="A folder of `mix` [the sample]."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Keep the runs there [a temporary folder]."
)
@click.option("--env", "home", type=click.Path(path_type=Path), help="Axolotl's environment.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, every override in it, instead of text.")
def rehearse(names, everything, steps, mix, out, home, as_json):
    """Run recipes for two real steps on the CPU, the model shrunk, all other settings as they are but what a CPU can't have.

    NAME is a shipped recipe or a file. What was overridden is printed. Exit status 1 where a recipe fails.

    \b
    Examples:
      globmed recipes rehearse qwen3-8b-full
      globmed recipes rehearse mine.yml --mix mix --steps 4
      globmed recipes rehearse --all --json | jq -r '.recipes[] | [.recipe, .losses[-1]] | @tsv'
    """
    from .. import recipe as files
    from .. import rehearse as rehearsal

    if bool(names) == everything:
        raise click.UsageError("name the recipes, or give --all")
    recipes = [files.read(name) for name in (files.names() if everything else names)]
    if len({one.name for one in recipes}) != len(recipes):
        raise GlobmedError("two of these recipes have the same name. Name each once.")
    with tempfile.TemporaryDirectory(prefix="globmed-rehearsal-") as scratch:
        results = rehearsal.run(recipes, (out or Path(scratch) / "run").absolute(), steps=steps, mix=mix, home=home)
    if as_json:
        click.echo(json.dumps({"recipes": results}, indent=1))
    else:
        _show(results)
    failed = [one["recipe"] for one in results if "error" in one]
    click.get_current_context().exit(1 if failed else 0)


def _show(results) -> None:
    from ...console import console, table

    shown = table("recipe", "model", "steps", "loss", "evaluated", "seconds")
    for one in results:
        if "error" in one:
            shown.add_row(one["recipe"], "failed: " + one["error"], "", "", "", f"{one['seconds']:.0f}")
            continue
        losses = " -> ".join(f"{loss:.3f}" for loss in one["losses"])
        languages = sum(key != "eval_loss" for key in one["eval"])
        kind = f"{one['model']}, {one['parameters']:,} parameters, {one['trained_parameters']:,} of them trained"
        shown.add_row(one["recipe"], kind, str(one["steps"]), losses, f"{languages} languages", f"{one['seconds']:.0f}")
    out = console()
    out.print(shown)
    for one in results:
        out.print(f"{one['recipe']}, overridden:")
        for each in one["overrides"]:
            out.print(
                f"  {each['key']}: {_brief(each['was'])} -> {_brief(each['now'])}   ({each['why']})", markup=False
            )


def _brief(value) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
