"""globmed recipes env: make or check Axolotl's own environment."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ...errors import GlobmedError


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="The environment's folder instead of the usual one.")
@click.option("--python", "python", default=sys.executable, help="The Python to make it with (3.11 to 3.13).")
@click.option("--cuda", "build", flag_value="cuda", help="Stop unless torch comes as a CUDA build.")
@click.option("--cpu", "build", flag_value="cpu", help="Stop unless torch comes as a CPU build.")
@click.option("--index", metavar="URL", help="A further package index for pip, such as one with that build of torch.")
@click.option(
    "--check", "check_only", is_flag=True, help="Only say what is there; exit status 1 where it is not right."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be run.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def env(home, python, build, index, check_only, dry_run, as_json):
    """Make Axolotl's own virtual environment, pinned by constraints-axolotl.txt.

    About 5 GB and 10 minutes; the CUDA build of torch needs 10 GB. Run again, it goes on where it stopped. The folder is
    --home, else $GLOBMED_AXOLOTL, else ~/.cache/globmed/axolotl-0.19.0.

    \b
    Examples:
      globmed recipes env
      globmed recipes env --cuda --home /data/axolotl && export GLOBMED_AXOLOTL=/data/axolotl
      globmed recipes env --check
      export PATH="$(globmed recipes env --check --json | jq -r .home)/bin:$PATH" && axolotl train ...
    """
    from .. import env as place
    from .. import env_make

    plan = env_make.Plan(place.folder(home), python, build or "any", index)
    if check_only:
        return _check(plan.home, as_json)
    steps = plan.steps()
    if dry_run:
        shown = [{"title": step.title, "command": step.command} for step in steps]
        text = [f"{step.title}: {' '.join(step.command)}" for step in steps] or [
            f"{plan.home}: complete, nothing to run"
        ]
        click.echo(json.dumps({"home": str(plan.home), "steps": shown}, indent=2) if as_json else "\n".join(text))
        return None
    marker = env_make.make(plan, lambda line: click.echo(line, err=True))
    if as_json:
        click.echo(json.dumps({"home": str(plan.home), **marker}, indent=2))
        return None
    click.echo(f"{plan.home}: axolotl {marker['axolotl']}, torch {marker['torch']}, Python {marker['python']}")
    click.echo(f'next: export PATH="{plan.home}/bin:$PATH" AXOLOTL_DO_NOT_TRACK=1, then axolotl train RECIPE.yml')
    if plan.home != place.default():
        click.echo(f"      and export GLOBMED_AXOLOTL={plan.home}, so that globmed finds it")
    return None


def _check(home: Path, as_json: bool):
    from .. import env as place
    from .. import env_make

    found = env_make.check(home)
    if home == place.default() and not found["problems"] and place.problem(home):
        found["problems"] = [f"{place.problem(home)}. Run globmed recipes env again: it goes on where it stopped."]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return click.get_current_context().exit(1 if found["problems"] else 0)
    if found["problems"]:
        raise GlobmedError(f"{home}: {found['problems'][0]}")
    build = f"CUDA {found['cuda']}, {found['gpus']} GPUs" if found["cuda"] else "CPU build"
    click.echo(f"{home}: axolotl {found['axolotl']}, torch {found['torch']} ({build}), Python {found['python']}")
    for name, (version, pinned) in sorted(found["differs"].items()):
        click.echo(f"  {name} {version} differs from the pinned {pinned}")
    if not found["plugin"]:
        click.echo(
            "  the plugin globmed_axolotl is not importable there: run globmed recipes env --home on this folder, or remove "
            "the recipe's plugins line (the losses are then not told apart by language)"
        )
    return None
