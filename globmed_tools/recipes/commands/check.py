"""`globmed recipes check`: every key, value and file of a recipe, and the hardware it is meant for, before anything is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("recipes", nargs=-1, metavar="[NAME|PATH]...")
@click.option("--all", "every", is_flag=True, help="All recipes that are shipped.")
@click.option(
    "--setup",
    "setups",
    multiple=True,
    metavar="S",
    help="A set-up such as 1xh100 or 4xa100, or all. Default: the recipe's own.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the tables.")
@click.option("--deep", is_flag=True, help="Also ask Axolotl itself, where its environment is present.")
@click.option("--ignore-files", is_flag=True, help="Leave out what needs the data files and the base model's folder.")
@click.option("--env", "home", type=click.Path(path_type=Path), help="Axolotl's environment, for --deep.")
def check(recipes, every, setups, as_json, deep, ignore_files, home):
    """Check recipes strictly, with no GPU, network, torch or Axolotl.

    Axolotl drops a misspelt key in silence; here every key is looked up in the schema of the Axolotl that this project pins,
    values are judged together, files are looked into, and the memory is estimated for each set-up. Exit code 1 where a
    recipe has an error, or a set-up that it is meant for (or that was asked for by name) does not pass.

    \b
    Examples:
      globmed recipes check qwen3-8b-lora                     for the hardware that its header names
      globmed recipes check my.yml --setup 4xa100
      globmed recipes check --all --setup all --ignore-files  every recipe on every set-up, before there is data
      globmed recipes check my.yml --json | jq '.recipes[].findings'
    """
    from .. import check as checks
    from .. import gpus
    from .. import recipe as recipe_files

    named = recipe_files.names() if every else list(recipes)
    if not named:
        raise click.UsageError("name a recipe, or --all.")
    for name in setups:
        if name != "all":
            gpus.setup(name)
    reports = [checks.check(recipe_files.read(name), list(setups) or None, files=not ignore_files) for name in named]
    said, missing = _deep(reports, home) if deep else ({}, None)
    ok = all(report.ok for report in reports) and not _refusals(reports, said)
    if as_json:
        rows = [{**checks.as_json(report), "axolotl": said.get(str(report.recipe.path))} for report in reports]
        click.echo(json.dumps({"ok": ok, "deep": missing or deep, "recipes": rows}, ensure_ascii=False, indent=1))
    else:
        _show(reports, said, missing)
    raise SystemExit(0 if ok else 1)


def _deep(reports, home) -> tuple[dict, str | None]:
    """What Axolotl says, and a line where its environment is not there."""
    from .. import check as checks
    from .. import env

    if env.find(home) is None:
        return {}, "Axolotl's environment is not there, so it was not asked itself. Make it: globmed recipes env"
    return checks.deep(reports, home), None


def _refusals(reports, said: dict) -> list[tuple[str, str, str]]:
    """(recipe, set-up, message) of every set-up that counts and that Axolotl refuses, or drops a key of."""
    found = []
    for report in reports:
        for one in report.setups:
            answer = said.get(str(report.recipe.path), {}).get(one.setup.name)
            if not answer or not one.counts:
                continue
            if answer["refused"]:
                found.append((report.recipe.name, one.setup.name, answer["refused"]))
            elif answer["dropped"]:
                found.append(
                    (report.recipe.name, one.setup.name, f"it would drop {', '.join(answer['dropped'])} in silence")
                )
    return found


def _show(reports, said: dict, missing: str | None) -> None:
    from ...console import console, table

    out = console()
    findings = table("recipe", "line", "severity", "what was found, and what to do")
    for report in reports:
        for one in report.findings:
            findings.add_row(report.recipe.name, str(one.line or ""), _colour(one.severity), _plain(one.message))
    if findings.row_count:
        out.print(findings)
    rows = table("recipe", "set-up", "GiB a GPU", "result", "why")
    for report in reports:
        for one in report.setups:
            result = "pass" if one.ok else "FAIL" if one.counts else "no"
            why = "\n".join(f"{'' if f.line is None else f'line {f.line}: '}{f.message}" for f in one.findings)
            size = f"{one.memory.gib:.1f}" if one.memory and one.setup.gpu else ""
            name = one.setup.name if one.own else f"({one.setup.name})"
            rows.add_row(report.recipe.name, name, size, _colour(result), _plain(why))
    if rows.row_count:
        out.print(rows)
    for name, setup, message in _refusals(reports, said):
        out.print(_plain(f"Axolotl refuses {name} on {setup}: {message}"))
    if said and not _refusals(reports, said):
        out.print("Axolotl's own validation accepts all of it.")
    if missing:
        out.print(_plain(missing))
    errors = sum(one.severity == "error" for report in reports for one in report.findings)
    failed = sum(not one.ok and one.counts for report in reports for one in report.setups)
    out.print(f"{len(reports)} recipes, {errors} errors, {failed} set-ups that do not pass.")


def _colour(word: str):
    from rich.text import Text

    colours = {"error": "bold red", "FAIL": "bold red", "warning": "yellow", "pass": "green"}
    return Text(word, style=colours.get(word, ""))


def _plain(message: str):
    """Text in which nothing is taken for rich's markup, such as [q_proj]."""
    from rich.text import Text

    return Text(message)
