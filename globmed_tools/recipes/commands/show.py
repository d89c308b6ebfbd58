"""`globmed recipes list` and `globmed recipes path`: what is shipped, what each needs, and where its file is."""

from __future__ import annotations

import json

import click


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of the table.")
def list_command(as_json: bool):
    """List the recipes: base model, method, and the memory on the hardware that each is meant for.

    \b
    Examples:
      globmed recipes list
      globmed recipes list --json | jq -r '.[].name'
    """
    from .. import recipe as recipe_files

    rows = [describe(name) for name in recipe_files.names()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    from ...console import console, table

    shown = table("recipe", "base model", "method", "set-ups (GiB a GPU)", "tokens a step")
    for row in rows:
        sizes = ", ".join(f"{one['name']}{_size(one)}" for one in row["setups"])
        shown.add_row(row["name"], row["base_model"], row["method"], sizes, _tokens(row["setups"]))
    console().print(shown)


@click.command("path")
@click.argument("name")
def path_command(name: str):
    """Print the file of a shipped recipe.

    \b
    Example:
      axolotl train "$(globmed recipes path qwen3-8b-lora)"
    """
    from .. import recipe as recipe_files

    click.echo(recipe_files.find(name))


def describe(name: str) -> dict:
    """One recipe as plain data: name, path, base model, method, and memory and tokens a step on each of its set-ups."""
    from .. import check, gpus
    from .. import recipe as recipe_files
    from ..rules import hardware, training

    found = recipe_files.read(name)
    case = check.case(found)
    setups = []
    for own in check.own_setups(found):
        setup = gpus.setup(own)
        memory = hardware.needs(case, setup)
        setups.append(
            {
                "name": own,
                "memory_bytes": memory.total if memory else None,
                "gpu_bytes": int(setup.gpu.memory_gib * 2**30) if setup.gpu else None,
                "tokens_a_step": training.tokens_a_step(case, setup.gpus),
            }
        )
    return {
        "name": name,
        "path": str(found.path),
        "base_model": found.settings["base_model"],
        "method": found.settings.get("adapter") or "full",
        "setups": setups,
    }


def _size(setup: dict) -> str:
    if not setup["memory_bytes"] or not setup["gpu_bytes"]:
        return ""
    return f" ({setup['memory_bytes'] / 2**30:.1f} of {setup['gpu_bytes'] / 2**30:.1f})"


def _tokens(setups: list[dict]) -> str:
    return ", ".join(dict.fromkeys(f"{one['tokens_a_step']:,}" for one in setups if one["tokens_a_step"]))
