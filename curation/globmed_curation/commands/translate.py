"""`globmed curate translate`: entries into other languages, by models, step by step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from .stage import ENGINE, FORMAT, LID_MODEL, WORKERS, put, settings_of, show

FILE = click.Path(path_type=Path)
#: Option -> its place in the stage's settings.
_PLACES = {
    "model": "agents.model",
    "glossary": "agents.glossary",
    "journal": "agents.journal",
    "prices": "agents.prices",
    "max_cost": "agents.max_cost",
    "drop_failed": "agents.drop_failed",
    "base_url": "agents.endpoint.base_url",
    "key_variable": "agents.endpoint.key_variable",
    "key_file": "agents.endpoint.key_file",
    "concurrency": "agents.endpoint.concurrency",
    "requests_per_minute": "agents.endpoint.requests_per_minute",
    "tokens_per_minute": "agents.endpoint.tokens_per_minute",
    "timeout": "agents.endpoint.timeout",
}


@click.command()
@click.argument("paths", metavar="IN...", nargs=-1, required=True, type=FILE)
@click.option("-o", "--out", type=FILE, metavar="DIR", help="Where kept/, dropped/ and texts/ go.")
@click.option(
    "--language", "codes", multiple=True, metavar="CODE", help="Into this language (repeat it; or paper, all)."
)
@click.option("--model", metavar="NAME", help="The model of every step that names none, as the endpoint calls it.")
@click.option("--base-url", metavar="URL", help="Where the models answer; it mostly ends in /v1.")
@click.option("--key-variable", metavar="NAME", help="Environment variable with the endpoint's key.")
@click.option("--key-file", type=FILE, metavar="FILE", help="File with the key, which only you should be able to read.")
@click.option("--glossary", type=FILE, metavar="FILE", help="What `globmed curate glossary build` wrote.")
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(["terms", "critique", "revision", "check", "back"]),
    help="Leave this step out (may be repeated). One-step translation: --without critique --without revision.",
)
@click.option("--with", "added", multiple=True, type=click.Choice(["terms", "back"]), help="Add a step that is off.")
@click.option("--config", type=FILE, metavar="FILE", help="YAML with the stage's settings, as below `translate:`.")
@click.option(
    "-s", "--setting", "given", multiple=True, metavar="NAME=VALUE", help="One setting, e.g. -s agents.rounds=2."
)
@click.option(
    "--journal", type=FILE, metavar="FILE", help="Journal of calls: what it holds is not asked [calls.sqlite]."
)
@click.option("--prices", type=FILE, metavar="FILE", help="Prices of your own (TOML), before the shipped ones.")
@click.option("--max-cost", type=float, metavar="US$", help="Stop before this run has cost more.")
@click.option("--concurrency", type=click.IntRange(1), metavar="N", help="Requests at a time [32].")
@click.option("--requests-per-minute", type=float, metavar="N", help="At most so many.")
@click.option("--tokens-per-minute", type=float, metavar="N", help="At most so many.")
@click.option("--timeout", type=float, metavar="SECONDS", help="For one request [300].")
@click.option("--drop-failed", is_flag=True, default=None, help="Drop what the endpoint fails on, ask it no more.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N items.")
@click.option("--batch", type=FILE, metavar="DIR", help="By batch files: read DIR/results, write DIR/requests.")
@click.option("--again", is_flag=True, help="With --batch: write once more what has no result.")
@click.option("--dry-run", is_flag=True, help="Estimate calls, tokens and money; send and write nothing.")
@click.option(
    "--sample",
    default=500,
    show_default=True,
    type=click.IntRange(0),
    metavar="N",
    help="With --dry-run: translations a language that are looked at, 0 for all.",
)
@click.option(
    "--entries",
    type=click.IntRange(1),
    metavar="N",
    help="With --dry-run: as if there were N in each language but the pivot.",
)
@FORMAT
@WORKERS
@ENGINE
@LID_MODEL
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def translate(paths, out, codes, config, given, without, added, limit, batch, again, dry_run, sample, entries, **rest):
    """Translate entries into other languages with any OpenAI-compatible endpoint.

    IN is a folder that a stage or `ingest` wrote, or JSONL or Parquet files of entries. Each entry goes through terms (a
    glossary), draft, critique, revision and the checks of `globmed curate check`, whose findings go back for one more
    revision. DIR/kept holds what came in and the translations, those that still fail a check flagged for review; DIR/dropped
    what has no translation, with its cause; DIR/texts every step, for `globmed curate explain`.

    What was answered is in the journal and is never asked again: after Ctrl-C, --max-cost or a crash the same command goes on.

    \b
    Examples:
      globmed curate translate data --language sw --language zu --model gpt-4.1 --dry-run
      globmed curate translate data -o translated --language sw --model Qwen/Qwen3-32B --base-url http://localhost:8000/v1
      globmed curate translate data -o translated --language paper --model gpt-4.1 --base-url https://api.openai.com/v1 \\
          --key-variable OPENAI_API_KEY --glossary terms.parquet --max-cost 50
      globmed curate translate data -o translated --config curation/translate-one-step.yml --model M --base-url URL
      globmed curate translate data -o translated --language sw --model gpt-4.1 --batch batch
      globmed curate translate data -o pseudo --language sw -s translator=pseudo
    """
    from ..plan import make_step
    from ..translate import AGENTS

    values = _values(settings_of(config, given), rest, codes, without, added)
    told = {"lid_model": rest["lid_model"]}
    step = make_step(1, "translate", values, str(config or "the options"), told)
    silent = rest["quiet"] or rest["as_json"]
    if dry_run:
        told = {"stage": "translate", "settings": step.settings}
        if step.config.translator == AGENTS:
            _estimate(step.config, paths, limit, sample, entries, told, rest)
        else:
            _settings(paths, told, rest)
        return
    if out is None:
        from globmed_tools.errors import GlobmedError

        raise GlobmedError("--out DIR is missing: where should the result go? Or only look: --dry-run.", 2)
    if batch is not None and not _batch(step.config, paths, limit, batch, again, out, rest):
        raise SystemExit(1)
    found, asked = _run(step, paths, out, limit, rest, silent)
    if rest["as_json"]:
        click.echo(json.dumps({**found, "asked": asked}, ensure_ascii=False))
    elif not rest["quiet"]:
        show(found, out)
        _tell(found["stats"].get("agents", {}))


def _values(values: dict, options: dict, codes: tuple, without: tuple, added: tuple) -> dict[str, Any]:
    """The settings of the file and -s, and over them the options."""
    from globmed_tools import languages

    from ..translate import AGENTS, PSEUDO

    for name, place in _PLACES.items():
        if options[name] is not None:
            value = options[name]
            put(values, place, str(value) if isinstance(value, Path) else value)
    for step in (*without, *added):
        agents = values.get("agents") or {}
        if step in without or not agents.get(step):
            put(values, f"agents.{step}", step in added)
    if codes:
        named = [languages.codes(paper=code == "paper") if code in ("paper", "all") else [code] for code in codes]
        values["languages"] = [code for some in named for code in some]
    if "translator" not in values:
        values["translator"] = AGENTS
    if values["translator"] == PSEUDO:
        _refuse(values)
    else:
        values.setdefault("agents", {})
    return values


def _refuse(values: dict) -> None:
    from globmed_tools.errors import GlobmedError

    if "agents" in values:
        names = ", ".join(values["agents"])
        raise GlobmedError(f"the translator is pseudo, which asks nobody: {names} has no meaning. Leave it out.", 2)


def _jobs(paths: tuple[Path, ...], limit: int | None, config: Any):
    """What is to be translated, read anew at each call; a folder of shards file by file, other entries all together."""
    from itertools import islice

    from globmed_tools import shards, store

    from ..pipeline import is_shards
    from ..translate.stage import jobs_of

    files = [file for path in paths for file in shards.files(path)]

    def some():
        if limit is None and len(paths) == 1 and is_shards(paths[0]):
            for file in files:
                yield from jobs_of(store.read_file(file), config)
        else:
            groups: dict[str, list] = {}
            for file in files:
                for one in store.read_file(file):
                    groups.setdefault(one.group_id, []).append(one)
            yield from jobs_of((one for group in islice(groups.values(), limit) for one in group), config)

    return some


def _estimate(config, paths, limit, sample, entries, told, rest) -> None:
    from globmed_tools.console import console

    from ..translate.agents import cost
    from ..translate.agents.tools import tools_of

    agents = config.agents
    jobs = _jobs(paths, limit, config)
    found = cost.of_config(
        jobs, agents, tools_of(agents, config.lid_model), sample=sample, entries=entries, pivot=config.pivot
    )
    if rest["as_json"]:
        click.echo(json.dumps({**told, "estimate": found.as_dict()}, ensure_ascii=False))
        return
    if rest["quiet"]:
        return
    out, assume = console(), agents.assume
    if not found.translations:
        out.print("Nothing to translate: every language is there.", highlight=False)
        return
    out.print(cost.table(found, "An estimate; nothing was sent"))
    driven, all_ = sum(found.driven.values()), sum(found.translations.values())
    out.print(
        f"From {driven:,} of {all_:,} translations. Assumed until replies tell: {assume.drafts_with_findings:.0%} of drafts with "
        f"findings, {assume.failing_checks:.0%} failing a check, {assume.thinking:,} tokens of thinking a reply.",
        highlight=False,
    )


def _settings(paths, told, rest) -> None:
    from globmed_tools import shards

    told["files"] = [file.name for path in paths for file in shards.files(path)]
    if not rest["quiet"]:
        click.echo(json.dumps(told, ensure_ascii=False, indent=None if rest["as_json"] else 1))


def _batch(config, paths, limit, folder, again, out, rest) -> bool:
    """One round; True where nothing is left to ask."""
    from ..translate.agents import rounds
    from ..translate.agents.tools import tools_of

    made = rounds.step(_jobs(paths, limit, config)(), tools_of(config.agents, config.lid_model), folder, again)
    if made.over:
        return True
    if rest["as_json"]:
        click.echo(json.dumps({"batch": made.as_dict()}, ensure_ascii=False))
        return False
    for line in made.problems:
        click.echo(line, err=True)
    if not rest["quiet"]:
        click.echo(
            f"{made.done:,} of {made.total:,} translations have all their answers; results taken in: {made.answered:,}"
        )
        for cause, count in sorted(made.failed.items()):
            click.echo(f"failed: {count:,} {cause}")
        if made.files:
            click.echo(f"{made.ready:,} calls to send: " + ", ".join(map(str, made.files)))
        if made.waiting:
            click.echo(f"{made.waiting:,} calls have no result yet (--again writes them once more)")
        click.echo(f"Next: put the result files into {folder / rounds.RESULTS} and give the same command again.")
    return False


def _run(step, paths, out, limit, rest, silent):
    from .. import engines, pipeline
    from .progress import shown

    with shown(silent) as progress:
        runner = engines.Engine(rest["engine"], rest["workers"] or engines.default_workers(), progress)
        found = pipeline.apply(step, list(paths), out, runner, format=rest["format"], limit=limit)
    return found, progress.asked


def _tell(languages: dict) -> None:
    """How the translations ended, by language."""
    from globmed_tools.console import console, table

    from ..translate.agents.state import ENDS

    if not languages:
        return
    rows = table("language", *ENDS, "revised", "findings", "not placed", "calls")
    for code, stats in languages.items():
        counts = [stats.get(name, 0) for name in (*ENDS, "revisions", "findings", "unplaced", "calls")]
        rows.add_row(code, *(f"{count:,}" for count in counts))
    console().print(rows)
