"""globmed recipes plan: tokens, steps, memory, hours and energy of a training run."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ...errors import GlobmedError

ROWS, WIDTHS = (1, 2, 4, 8, 16), (1024, 2048, 4096, 8192)


@click.command()
@click.argument("recipe", required=False)
@click.option(
    "--data", type=click.Path(path_type=Path), help="The file to train on; else the reference data of 500,000 entries."
)
@click.option("--tokenizer", type=click.Path(path_type=Path), help="A folder with tokenizer.json: tokens are counted.")
@click.option("--gpu", help="One GPU of this kind: rtx4090, a100, h100, ...")
@click.option(
    "--setup", "setup", help="A set-up: 1x24gb, 1xh100, 8xh100, 4xa100, ...; else those in the recipe's header."
)
@click.option(
    "--mfu", type=click.FloatRange(0, 1, min_open=True), help="Model FLOPs utilisation that was measured [0.4 assumed]."
)
@click.option(
    "--pue", type=click.FloatRange(min=1), default=1.0, show_default=True, help="The building's power over the GPUs'."
)
@click.option("--price-per-hour", "price", type=click.FloatRange(min=0), help="What one GPU costs an hour.")
@click.option("--sweep", is_flag=True, help="What fits: memory over micro_batch_size and sequence_len.")
@click.option(
    "--stamp", "stamps", is_flag=True, help="Write the lines on cost into the headers of the shipped recipes."
)
@click.option(
    "--check", "check_only", is_flag=True, help="With --stamp: write nothing; exit status 1 where a header has drifted."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def plan(recipe, data, tokenizer, gpu, setup, mfu, pue, price, sweep, stamps, check_only, as_json):
    """What training RECIPE (a shipped name or a file) takes: tokens, steps, memory, hours, energy, money.

    \b
    Examples:
      globmed recipes plan qwen3-8b-lora
      globmed recipes plan qwen3-8b-lora --setup 8xh100 --mfu 0.45 --price-per-hour 2.5
      globmed recipes plan my.yml --data mix/train.jsonl --tokenizer models/qwen3 --gpu rtx4090
      globmed recipes plan qwen3-4b-full --gpu h100 --sweep
      globmed recipes plan --stamp --check
    """
    from .. import gpus, plan_stamp
    from .. import plan as planning
    from .. import recipe as recipes

    if stamps:
        if recipe:
            raise click.UsageError("--stamp takes no recipe: it goes over all that are shipped")
        return _stamp(check_only, as_json)
    if check_only:
        raise click.UsageError("--check goes with --stamp")
    if not recipe:
        raise click.UsageError("name a recipe, or --stamp")
    if gpu and setup:
        raise click.UsageError("--gpu and --setup exclude each other")
    read = recipes.read(recipe)
    if data is not None and not data.is_file():
        raise GlobmedError(f"{data}: no such file. Name train.jsonl of a mix (globmed recipes mix EXPORT --out mix).")
    if gpu:
        gpus.get(gpu)
    name = setup or (f"1x{gpu}" if gpu else None)
    wanted = [gpus.setup(name)] if name else plan_stamp.setups_of(read)
    if sweep:
        return _sweep(read, wanted, as_json)
    made = [planning.make(read, one, data=data, tokenizer=tokenizer, mfu=mfu, pue=pue, price=price) for one in wanted]
    if as_json:
        click.echo(json.dumps([_finite(one.to_dict()) for one in made], indent=2))
    else:
        _show(made)
    return None


def _finite(row: dict) -> dict:
    """JSON knows no infinity: a CPU's memory is null."""
    return {**row, "memory_gib": None} if row["memory_gib"] == float("inf") else row


def _show(plans) -> None:
    from ...console import console, table

    out, one = console(), plans[0]
    tokens = table("language", "tokens an epoch", "share", title=f"{one.recipe}: {one.data}")
    whole = sum(one.tokens_by_language.values())
    for code, count in one.tokens_by_language.items():
        tokens.add_row(code, f"{count:,}", f"{count / whole:.1%}")
    tokens.add_row("all", f"{whole:,}", "")
    out.print(tokens)
    cost = table("", *(made.setup for made in plans))
    for title, cell in _CELLS:
        cost.add_row(title, *(cell(made) for made in plans))
    out.print(cost)
    for note in dict.fromkeys(note for made in plans for note in made.warnings):
        out.print(f"note: {note}", highlight=False, markup=False)


def _number(value, form: str) -> str:
    return "-" if value is None else format(value, form)


_CELLS = (
    ("tokens an epoch, trained on", lambda made: f"{made.trained_an_epoch:,}"),
    ("longest entry, tokens", lambda made: f"{made.longest:,}"),
    ("rows filled", lambda made: f"{made.packing:.1%}"),
    ("steps (an epoch)", lambda made: f"{made.steps:,} ({made.steps_an_epoch:,})"),
    ("tokens in all", lambda made: f"{made.tokens:,}"),
    ("model FLOPs (with recomputation)", lambda made: f"{made.model_flops:.2e} ({made.hardware_flops:.2e})"),
    ("trained parameters", lambda made: f"{made.memory.trained:,}"),
    *(
        (f"{part}, GiB a GPU", lambda made, part=part: f"{made.memory.parts[part] / 2**30:.1f}")
        for part in ("weights", "gradients", "optimiser", "activations", "logits", "overhead")
    ),
    ("training, GiB", lambda made: f"{made.memory.gib:.1f}" + (f" of {made.memory_gib:.1f}" if made.hours else "")),
    ("evaluation, GiB", lambda made: f"{made.evaluation_gib:.1f}"),
    ("fits", lambda made: "yes" if made.fits else "NO"),
    ("MFU", lambda made: f"{made.mfu:.0%}" if made.hours else "-"),
    ("hours", lambda made: _number(made.hours, ",.1f")),
    ("energy, kWh", lambda made: _number(made.kwh, ",.1f")),
    ("money", lambda made: _number(made.money, ",.2f")),
)


def _sweep(read, setups, as_json: bool):
    from ...console import console, table
    from .. import memory, models

    model = models.get(str(read.settings.get("base_model")))
    found = []
    for setup in setups:
        room = setup.gpu.memory_gib if setup.gpu else None
        for width in WIDTHS:
            for rows in ROWS:
                settings = {**read.settings, "sequence_len": width, "micro_batch_size": rows}
                gib = memory.estimate(settings, model, setup.gpus).gib
                fits = room is None or gib <= room
                found.append(
                    dict(setup=setup.name, sequence_len=width, micro_batch_size=rows, gib=round(gib, 1), fits=fits)
                )
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for setup in setups:
        of = f" of {setup.gpu.memory_gib} GiB" if setup.gpu else ""
        shown = table(
            "sequence_len", *(f"{rows} rows" for rows in ROWS), title=f"{read.name} on {setup.name}: GiB a GPU{of}"
        )
        for width in WIDTHS:
            cells = [row for row in found if row["setup"] == setup.name and row["sequence_len"] == width]
            shown.add_row(f"{width:,}", *(f"{row['gib']:.1f}" + ("" if row["fits"] else " no") for row in cells))
        console().print(shown)


def _stamp(check_only: bool, as_json: bool) -> None:
    from .. import plan_stamp

    found = [str(path) for path in plan_stamp.drift(write=not check_only)]
    if as_json:
        click.echo(json.dumps({"drifted" if check_only else "written": found}, indent=2))
    else:
        for path in found:
            click.echo(f"{path}: {'its header has drifted; globmed recipes plan --stamp' if check_only else 'stamped'}")
    if check_only and found:
        raise SystemExit(1)
