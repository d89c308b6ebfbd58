"""`globmed bench ...`: the tasks, their data, and a run of lm-eval over them."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..errors import GlobmedError
from .sweep.cli import models, sweep


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def bench():
    """GlobMed-Bench: tasks for lm-evaluation-harness and their data."""


@bench.command()
def path():
    """Print the folder of the task files, for `lm_eval --include_path`.

    \b
    Example:
      lm_eval run --include_path "$(globmed bench path)" --tasks globmed_medqa_sw ...
    """
    from .. import resources

    click.echo(resources.tasks())


@bench.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
@click.option("--kind", type=click.Choice(["gen", "ll"]), help="Only generative or only loglikelihood tasks.")
def list_(as_json: bool, kind: str | None):
    """List sets, languages, groups and tasks.

    \b
    Examples:
      globmed bench list
      globmed bench list --json | jq -r '.tasks[].name'
    """
    from .. import catalog, languages, names
    from . import generate

    kinds = [kind] if kind else list(names.PREFIXES)
    tasks = [
        {
            "name": names.task_name(one, source.name, code),
            "set": source.name,
            "language": code,
            "kind": one,
            "form": source.form,
        }
        for one in kinds
        for source in generate.sets(one)
        for code in languages.codes()
    ]
    groups = {name: members for one in kinds for name, members in generate.groups(one).items()}
    if as_json:
        click.echo(json.dumps({"tasks": tasks, "groups": groups}, ensure_ascii=False, indent=1))
        return
    from .. import console as screen

    console = screen.console()
    table = screen.table("set", "form", "title", "on the hub", "in the paper", "tasks")
    for source in catalog.table().values():
        if not source.bench:
            continue
        shown = " ".join(f"{names.PREFIXES[one]}_{source.name}_*" for one in kinds if source in generate.sets(one))
        table.add_row(
            source.name,
            source.form,
            source.title,
            "yes" if source.hub else "no",
            "yes" if source.in_paper else "no",
            shown,
        )
    console.print(table)
    console.print(f"\nlanguages: {' '.join(languages.codes())}")
    console.print(f"groups: {' '.join(groups)}")
    console.print(f"{len(tasks)} tasks, {len(groups)} groups")


@bench.command("generate")
@click.option("--check", is_flag=True, help="Change nothing; exit 1 where the files differ from the tables.")
@click.option("--tasks", "folder", type=click.Path(path_type=Path), help="The tasks folder (default: the checkout's).")
def generate_(check: bool, folder: Path | None):
    """Write the task files from languages.toml and catalog.toml.

    \b
    Examples:
      globmed bench generate
      globmed bench generate --check
    """
    from .. import resources
    from . import generate

    folder = folder or resources.tasks()
    if check:
        problems = generate.check(folder)
        for line in problems[:20]:
            click.echo(line, err=True)
        if problems:
            raise GlobmedError(f"{len(problems)} task files differ from the tables. Run `globmed bench generate`.")
        click.echo(f"{len(generate.files())} files are up to date")
        return
    written, removed = generate.write(folder)
    click.echo(f"{folder}: {written} files written, {removed} removed")


@bench.command()
@click.option("--data", default=None, help="hub, sample, or a folder (default: $GLOBMED_DATA, else hub).")
@click.option("--set", "names", multiple=True, help="Only this set (may be repeated).")
@click.option("--language", "codes", multiple=True, help="Only this language (may be repeated).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of the table.")
def doctor(data, names, codes, as_json):
    """Check that the data is there, how its columns are read, and whether every item is usable.

    \b
    Exit status 0: something is usable and nothing that was found is bad. 1: otherwise, or what was named is absent.

    \b
    Examples:
      globmed bench doctor --data hub
      globmed bench doctor --data data --set headqa --language es --json
    """
    from .. import catalog, languages
    from . import doctor as check
    from . import load

    every_set, every_code = check.everything()
    chosen = load.chosen(data)
    sets = [catalog.get(name).name for name in names] or every_set
    wanted = [languages.get(code).code for code in codes] or every_code
    findings = []
    for finding in check.examine(chosen, sets, wanted):
        findings.append(finding)
        if not as_json:
            click.echo(f"\r{finding.set} {finding.language}".ljust(40), err=True, nl=False)
    if not as_json:
        click.echo("\r".ljust(41) + "\r", err=True, nl=False)
    status = check.verdict(findings, asked=bool(names or codes))
    if as_json:
        fields = {"data": chosen, "ok": status == 0, "findings": [one.as_dict() for one in findings]}
        click.echo(json.dumps(fields, ensure_ascii=False, indent=1))
    else:
        _show_findings(chosen, findings)
    raise click.exceptions.Exit(status)


def _show_findings(data: str, findings) -> None:
    from .. import console as screen

    columns = (
        "set",
        "lang",
        "status",
        "rows per split",
        "evaluated",
        "options",
        "gold as in en",
        "mapped / what is wrong",
    )
    table = screen.table(*columns, title=f"data: {data}")
    colours = {"usable": "green", "bad": "red", "absent": "dim", "unknown language": "yellow"}
    for one in findings:
        splits = " ".join(f"{name} {count}" for name, count in sorted(one.splits.items()))
        parallel = "" if one.parallel is None else f"{one.parallel:.0%}"
        status = f"[{colours[one.status]}]{one.status}[/]"
        table.add_row(
            one.set, one.language, status, splits, one.evaluated, one.options, parallel, one.detail or one.mapped
        )
    console = screen.console()
    console.print(table)
    counts = {status: sum(one.status == status for one in findings) for status in colours}
    console.print(", ".join(f"{count} {status}" for status, count in counts.items() if count))


@bench.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
@click.option("--dry-run", is_flag=True, help="Only check and show what would be evaluated.")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def run(dry_run, args):
    """Run lm-eval over our tasks only: every option of `lm_eval run` is passed on.

    \b
    Starts fast (lm-eval's own index is not built), and checks the data before any model is loaded.
    Wildcards select what the data source holds. --dry-run shows the plan and stops.

    \b
    Examples:
      globmed bench run --model hf --model_args pretrained=MODEL --tasks globmed-sw --output_path results --log_samples
      globmed bench run --tasks 'globmed_*' --metadata '{"globmed_data": "sample"}' --dry-run
    """
    if not args or args[0] in ("-h", "--help"):
        click.echo(click.get_current_context().get_help())
        return
    from .. import names
    from . import run as runner

    passed, plan = runner.prepared(list(args))
    if plan.left_out:
        by_set: dict[str, list[str]] = {}
        for task in plan.left_out:
            _kind, name, code = names.parts(task)
            by_set.setdefault(name, []).append(code)
        click.echo(f"globmed: left out {len(plan.left_out)} tasks without data (see `globmed bench doctor`):", err=True)
        for name, codes in by_set.items():
            click.echo(f"  {name}: {' '.join(dict.fromkeys(codes))}", err=True)
    click.echo(f"globmed: {len(plan.tasks)} tasks, {plan.documents} documents", err=True)
    if not dry_run:
        _need_lm_eval()
        runner.run(passed, plan)


def _need_lm_eval() -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        version("lm_eval")
    except PackageNotFoundError:
        raise GlobmedError("lm-eval is not installed. Run: pip install 'globmed[bench]'") from None


@bench.command("tiny-model")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def tiny_model(folder: Path):
    """Make a tiny transformer with random weights in FOLDER, to try the plumbing without a download.

    \b
    Example:
      globmed bench tiny-model tiny && globmed bench run --model hf --model_args pretrained=tiny --device cpu ...
    """
    from .tiny import make

    click.echo(make(folder))


@bench.command()
@click.option("--out", "out", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True)
@click.option("--all-languages", is_flag=True, help="All 17 languages instead of the paper's twelve.")
def demo(out: Path, all_languages: bool):
    """Evaluate a tiny transformer with random weights on the bundled sample, all forms and languages, on the CPU.

    \b
    It shows that everything works, not how good a model is: random weights answer at chance or not at all.

    \b
    Example:
      globmed bench demo --out demo
    """
    _need_lm_eval()
    from .demo import run_demo

    run_demo(out, all_languages=all_languages)


bench.add_command(models)
bench.add_command(sweep)
