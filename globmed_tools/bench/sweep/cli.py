"""`globmed bench sweep` and `globmed bench models`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ...errors import GlobmedError

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("roster", type=_FILE, required=False)
@click.option("--only", multiple=True, metavar="GLOB", help="Only models whose name or id matches (may be repeated).")
@click.option("--tag", "tags", multiple=True, help="Only models with this tag (may be repeated; all must be there).")
@click.option("--check", "checking", is_flag=True, help="Say every mistake of the file and exit 1 where there is one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
def models(roster, only, tags, checking, as_json):
    """List the models of a roster: the shipped one, or yours.

    \b
    The shipped roster is this project's choice, not the paper's list.

    \b
    Examples:
      globmed bench models --tag medical
      globmed bench models mine.yml --check
      globmed bench models --json | jq -r '.models[] | "\\(.name) \\(.confirmed)"'
    """
    from . import roster as rosters

    path = roster or rosters.SHIPPED
    if checking:
        found, mistakes = rosters.check(path)
        if as_json:
            click.echo(json.dumps({"file": str(path), "models": len(found), "mistakes": mistakes}, indent=1))
        for line in [] if as_json else mistakes:
            click.echo(line, err=True)
        if mistakes:
            raise GlobmedError(f"{path}: {len(mistakes)} mistakes, {len(found)} models are well.")
        if not as_json:
            click.echo(f"{path}: {len(found)} models, no mistake")
        return
    found = rosters.chosen(rosters.read(path), only, tags)
    if as_json:
        rows = [{**one.model_dump(), "key_variable": one.key_variable} for one in found]
        click.echo(json.dumps({"file": str(path), "models": rows}, ensure_ascii=False, indent=1))
        return
    from . import show

    show.models(found)


@click.command()
@click.argument("roster", type=_FILE, required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("sweep"),
    show_default=True,
    help="Where results go, one folder a model.",
)
@click.option("--only", multiple=True, metavar="GLOB", help="Only models whose name or id matches (may be repeated).")
@click.option("--tag", "tags", multiple=True, help="Only models with this tag (may be repeated; all must be there).")
@click.option("--tasks", multiple=True, help="Tasks, groups or wildcards (default: the paper's sets and languages).")
@click.option("--set", "sets", multiple=True, help="Only this set (may be repeated).")
@click.option("--language", "codes", multiple=True, help="Only this language (may be repeated).")
@click.option(
    "--kind",
    type=click.Choice(["gen", "ll", "both"]),
    default="gen",
    show_default=True,
    help="Generative tasks, loglikelihood twins, or both.",
)
@click.option("--data", default=None, help="hub, sample, or a folder (default: $GLOBMED_DATA, else hub).")
@click.option(
    "--instructions",
    type=click.Choice(["native", "english"]),
    default="native",
    show_default=True,
    help="The language of the instructions.",
)
@click.option(
    "--num-fewshot",
    "shots",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Examples before each question.",
)
@click.option(
    "--limit", type=click.IntRange(1), default=None, help="Only the first documents of each task: for trying out."
)
@click.option(
    "--log-samples/--no-log-samples", "samples", default=True, show_default=True, help="Keep every prompt and reply."
)
@click.option("--backend", default=None, help="For models with weights, instead of the roster's: hf, vllm, sglang.")
@click.option("--gpus", default="auto", show_default=True, help="auto, none, or a list such as 0,1,2,3.")
@click.option(
    "--gpu-memory", type=click.FloatRange(1), default=None, help="GB of one GPU (default: as the driver says, else 80)."
)
@click.option(
    "--api-jobs", type=click.IntRange(1), default=4, show_default=True, help="Models behind APIs at the same time."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=None,
    help="Minutes that one task of one model may take, loading included.",
)
@click.option(
    "--prices", type=_FILE, default=None, help="Prices of your own (TOML), by name or id, before the shipped ones."
)
@click.option(
    "--reply-tokens", type=click.IntRange(1), default=None, help="Tokens of a reply, for the estimate of money."
)
@click.option("--retry-failed", is_flag=True, help="Try again what failed before.")
@click.option("--dry-run", is_flag=True, help="Show the plan and its cost; run and write nothing.")
@click.option("--status", "only_status", is_flag=True, help="Show how far the sweep is; run nothing.")
@click.option(
    "--slurm",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Write SLURM array scripts here instead of running.",
)
@click.option(
    "--slurm-option",
    "slurm_options",
    multiple=True,
    help="An #SBATCH option such as --partition=gpu (may be repeated).",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def sweep(**given):
    """Run many models over many tasks: plan first, resume, keep failures.

    \b
    One process a model; results are lm-eval's own files in OUT/<model>. What is whole there is done: run the same
    command again after a crash, a kill or a reboot, and it goes on. A failure is kept with its log and is not tried
    again without --retry-failed. Keys come from the environment only. Exit status 0: everything is done.

    \b
    Examples:
      globmed bench sweep --only 'qwen3-*' --tasks globmed --gpus 0,1 --dry-run
      globmed bench sweep mine.yml --set medqa --language sw --language yo --out results
      globmed bench sweep mine.yml --out results --status
      globmed bench sweep mine.yml --out results --slurm jobs --slurm-option --partition=gpu
    """
    from . import main

    main.main(main.Given(**given))


sweep.context_settings = {"help_option_names": ["-h", "--help"]}
