"""`globmed llm`: look into a journal of calls, merge journals, try an endpoint with one call.

globmed llm journal stats calls.sqlite          globmed llm try "Say yes." --base-url http://localhost:8000/v1 --model Qwen/Qwen3-8B
"""

from __future__ import annotations

import json
from pathlib import Path

import click

FILE = click.Path(path_type=Path)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


@click.group()
def llm():
    """Calls to language models: their journals, and one call to try an endpoint."""


@llm.group()
def journal():
    """Look into the journal of a run, or make one of several."""


@journal.command()
@click.argument("file", type=FILE)
@click.option("--prices", type=FILE, help="Prices of your own (TOML), before the shipped ones.")
@AS_JSON
def stats(file: Path, prices: Path | None, as_json: bool):
    """Count what FILE holds: calls, requests, tokens and money by model and cause.

    \b
    Examples:
      globmed llm journal stats calls.sqlite
      globmed llm journal stats calls.sqlite --prices my-prices.toml --json
    """
    from ..console import console, table
    from .calls import Usage
    from .journal import Journal
    from .prices import Prices

    points = Prices.read(prices) if prices else Prices.shipped()
    with Journal(file, must_exist=True) as opened:
        rows = opened.stats()
    for row in rows:
        used = Usage(row["input"], row["output"], row["cached"])
        row["cost"] = points.cost(row["model"], used, batch=row["via"] == "batch") if used.input else None
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    made = table("model", "ended", "via", "calls", "requests", "tokens in", "tokens out", "US$", title=str(file))
    for row in rows:
        money = "unknown" if row["cost"] is None else f"{row['cost']:,.4f}"
        counts = [f"{row[name]:,}" for name in ("calls", "requests", "input", "output")]
        made.add_row(row["model"], row["cause"] or row["state"], row["via"], *counts, money)
    console().print(made)


@journal.command()
@click.argument("file", type=FILE)
@click.option("--key", "start", help="Only rows whose key begins so.")
@click.option("--cause", help="Only rows that failed for this cause, for example 'refusal'.")
@click.option("--limit", type=click.IntRange(1), help="At most so many rows.")
def show(file: Path, start: str | None, cause: str | None, limit: int | None):
    """Print rows of FILE as JSON Lines: what was asked, what was said, why it failed.

    \b
    Examples:
      globmed llm journal show calls.sqlite --cause refusal --limit 5
      globmed llm journal show calls.sqlite --key 5b0c
    """
    from .journal import NAMES, Journal, asked

    shown = 0
    with Journal(file, must_exist=True) as opened:
        for row in opened.rows():
            if not row.key.startswith(start or "") or (cause and row.cause != cause):
                continue
            fields = {name: getattr(row, name) for name in NAMES[:-1]}
            click.echo(json.dumps({**fields, "request": asked(row)}, ensure_ascii=False))
            shown += 1
            if shown == limit:
                break


@journal.command()
@click.argument("into", type=FILE)
@click.argument("others", nargs=-1, required=True, type=FILE)
@AS_JSON
def merge(into: Path, others: tuple[Path, ...], as_json: bool):
    """Put the rows of OTHERS into INTO, made where there is none; answered goes before failed, then the earlier one.

    \b
    Example:
      globmed llm journal merge all.sqlite a/calls.sqlite b/calls.sqlite
    """
    from dataclasses import asdict

    from .merge import merge as put

    said = asdict(put(into, others))
    said["into"] = str(into)
    words = "{into}: {added:,} added, {replaced:,} replaced, {same:,} there already, {conflicts:,} answered twice differently"
    click.echo(json.dumps(said) if as_json else words.format(**said))


@llm.command("try")
@click.argument("text")
@click.option("--base-url", required=True, help="Address of the endpoint; it mostly ends in /v1.")
@click.option("--model", required=True, help="The model's name there.")
@click.option("--key-variable", help="Environment variable with the key.")
@click.option("--key-file", type=FILE, help="File with the key, which only you should be able to read.")
@click.option("--journal", "journal_file", type=FILE, help="Keep the answer in this journal, or take it from there.")
@click.option("--prices", type=FILE, help="Prices of your own (TOML), before the shipped ones.")
@click.option("--timeout", default=60.0, show_default=True, help="Seconds for one request.")
@click.option("--dry-run", is_flag=True, help="Say what it would take and send nothing.")
@AS_JSON
def try_(text, base_url, model, key_variable, key_file, journal_file, prices, timeout, dry_run, as_json):
    """Send TEXT to a model and print what it says. Exit status 1 where it does not answer.

    \b
    Examples:
      globmed llm try "Say yes." --base-url http://localhost:8000/v1 --model Qwen/Qwen3-8B
      globmed llm try "Say yes." --base-url https://api.openai.com/v1 --model gpt-4.1 --key-variable OPENAI_API_KEY --dry-run
    """
    import asyncio
    from dataclasses import asdict

    from .calls import Call
    from .config import Config
    from .keys import read_key
    from .prices import Prices

    points = Prices.read(prices) if prices else Prices.shipped()
    call = Call("try", model, [{"role": "user", "content": text}])
    if dry_run:
        _estimated(call, points, as_json)
        return
    key = read_key(variable=key_variable, file=key_file, warn=lambda line: click.echo(line, err=True))
    config = Config(
        base_url, journal_file, key, concurrency=1, timeout=timeout, attempts=2, patience=timeout, prices=points
    )
    outcome = asyncio.run(_asked(config, call))
    if as_json:
        click.echo(json.dumps({"ok": outcome.ok, **asdict(outcome)}, ensure_ascii=False))
    elif outcome.ok:
        click.echo(outcome.text)
        money = "price unknown" if outcome.cost is None else f"US$ {outcome.cost:.6f}"
        where = "from the journal" if outcome.from_journal else f"{outcome.seconds:.2f} s"
        click.echo(f"{where}, {outcome.usage.input} tokens in, {outcome.usage.output} out, {money}", err=True)
    else:
        from ..errors import GlobmedError
        from .causes import CAUSES

        raise GlobmedError(f"{outcome.cause}: {outcome.detail}. To do: {CAUSES[outcome.cause].remedy}.")
    if not outcome.ok:
        raise SystemExit(1)


def _estimated(call, points, as_json: bool) -> None:
    from ..console import console
    from .estimate import estimate, table

    rows = estimate([call], points)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows]))
    else:
        console().print(table(rows))


async def _asked(config, call):
    from .engine import Engine

    async with Engine(config, tell=lambda line: click.echo(line, err=True)) as engine:
        return await engine.ask(call)
