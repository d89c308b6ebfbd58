"""`globmed report judge`: long-form replies judged by language models, offline."""

from __future__ import annotations

import json
from pathlib import Path

import click
import orjson

from ...errors import GlobmedError

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("results", nargs=-1, required=True)
@click.option("-o", "--out", type=_FOLDER, required=True, help="Folder for the judgements and their journal.")
@click.option("--model", "models", multiple=True, help="A judge, as its endpoint calls it. Repeatable.")
@click.option("--base-url", multiple=True, help="Address of its endpoint; once for all judges, or once for each.")
@click.option("--key-variable", multiple=True, help="Environment variable with the key; once, or once for each judge.")
@click.option("--judge", "judge_file", type=_FILE, help="YAML file of judges, with keys, parameters, limits, families.")
@click.option(
    "--parameter", multiple=True, help="NAME=VALUE of every request (JSON); temperature=null leaves it out. Repeatable."
)
@click.option("--rubric", "rubric_file", type=_FILE, help="Rubric of your own (TOML) in place of the shipped one.")
@click.option(
    "--weight",
    multiple=True,
    help="NAME=NUMBER: weight of a criterion in the overall score. Asks nothing again. Repeatable.",
)
@click.option(
    "--combine",
    type=click.Choice(["mean", "median"]),
    default="mean",
    show_default=True,
    help="What several judges come to on a reply.",
)
@click.option("--strict", is_flag=True, help="A reply that is judged harmful scores 0 overall. Asks nothing again.")
@click.option("--task", "tasks", multiple=True, help="Only this set or task. Repeatable.")
@click.option("--language", "codes", multiple=True, help="Only this language. Repeatable.")
@click.option(
    "--limit", type=click.IntRange(1), help="So many items of each set, in all their languages and by all models."
)
@click.option(
    "--pairwise", metavar="BASE", help="Also compare every model's reply with that of this model, in both orders."
)
@click.option(
    "--position-check",
    "position",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Share of the items graded again with reply and reference in the other order.",
)
@click.option(
    "--clinicians",
    type=click.Path(path_type=Path, exists=True),
    help="Review folder (or answers.jsonl) with people's ratings of these replies.",
)
@click.option(
    "--for-review",
    "for_review",
    type=_FOLDER,
    help="Write the replies as entries for `globmed review sample`, without models' names; asks no judge.",
)
@click.option(
    "--models", "roster", type=_FILE, help="YAML of models with organisations and bases (default: the shipped roster)."
)
@click.option("--prices", type=_FILE, help="Prices of your own (TOML), before the shipped ones.")
@click.option(
    "--max-cost",
    type=click.FloatRange(0, min_open=True),
    help="Stop before all judges together have cost more US$ than this.",
)
@click.option("--concurrency", type=click.IntRange(1), default=16, show_default=True, help="Requests at a time.")
@click.option(
    "--requests-per-minute", type=click.FloatRange(0, min_open=True), help="At most so many requests a minute."
)
@click.option("--tokens-per-minute", type=click.FloatRange(0, min_open=True), help="At most so many tokens a minute.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=300.0,
    show_default=True,
    help="Seconds for one request.",
)
@click.option(
    "--journal",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Journal of the calls (default: calls.sqlite in --out).",
)
@click.option("--retry-failed", is_flag=True, help="Ask again where a judge refused or misspoke before.")
@click.option("--dry-run", is_flag=True, help="Say how many replies, calls, tokens and how much money; ask nothing.")
@click.option("--skip-bad", is_flag=True, help="Leave out result and sample files that cannot be used, and name them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object in place of the tables.")
@click.option("--quiet", is_flag=True, help="No progress.")  # fmt: skip
def judge(results, out, codes, tasks, limit, roster, skip_bad, as_json, quiet, **asked):
    """Have long-form replies judged by language models: correctness, completeness, harm, language.

    RESULTS are those of `globmed report build`. No model is run again: the replies stand in the sample files. What a judge
    answered is journalled and never asked again, so a run that was stopped goes on where it ended. Judgements are
    opinions of a model: `report build` shows how far judges and clinicians agree, or that nobody knows.

    \b
    Examples:
      globmed report judge results -o judged --model Qwen/Qwen3-32B --base-url http://localhost:8000/v1 --dry-run
      globmed report judge results -o judged --judge judges.yml --limit 50 --max-cost 5
      globmed report judge results -o judged --judge judges.yml --pairwise qwen3-8b
      globmed report build results judged -o report.html
    """
    from ..build import needs_numpy

    needs_numpy()
    from . import replies, rubric, work

    used = rubric.load(asked["rubric_file"]).weighted(asked["weight"])
    chosen = replies.Asked(codes, tasks, limit, roster, skip_bad)
    say = lambda line: click.echo(line, err=True)  # noqa: E731
    found = replies.collect(results, chosen, say=say, quiet=quiet)
    made = work.plan(found, used, position=asked["position"], pairwise=asked["pairwise"])
    if asked["for_review"]:
        _for_review(made, asked["for_review"], as_json)
        return
    judges = _judges(asked, found.roster)
    journal = asked["journal"] or out / "calls.sqlite"
    if asked["dry_run"]:
        _estimated(made, judges, asked["prices"], journal, as_json)
        return
    people, others = _people(asked["clinicians"], made)
    if others:
        say(f"{others:,} of the clinicians' answers are on other items and do not count")
    told = {
        "asked": {"languages": list(codes), "tasks": list(tasks), "limit": limit, "position_check": asked["position"]},
        "scoring": {"combine": asked["combine"], "strict": asked["strict"]},
        "journal": journal.name,
    }
    _run(made, judges, people, told, out, journal, asked, say, as_json, quiet)


def _judges(asked, roster):
    from . import judges

    if asked["judge_file"] and asked["models"]:
        raise GlobmedError("judges from --judge and from --model. Name them in one place.")
    if not asked["judge_file"] and not asked["models"]:
        raise GlobmedError("no judge. Name one with --model and --base-url, or several in a file with --judge.")
    if asked["judge_file"]:
        rows = judges.read(asked["judge_file"])
    else:
        rows = judges.paired(asked["models"], asked["base_url"], asked["key_variable"])
    defaults = {name: asked[name] for name in ("concurrency", "requests_per_minute", "tokens_per_minute", "timeout")}
    return judges.judges(rows, roster, defaults | {"parameters": _parameters(asked["parameter"])})


def _parameters(given) -> dict:
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise GlobmedError(f"--parameter {one!r}: write NAME=VALUE. Example: --parameter max_tokens=2000")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def _people(path, made):
    from . import clinicians

    return clinicians.read(path, made.rubric, {one for one in made.review_ids if one}) if path else ([], 0)


def _for_review(made, folder: Path, as_json: bool) -> None:
    from . import clinicians

    told = clinicians.write(made, folder)
    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo(
        f"{told['replies']:,} replies to {told['items']:,} items, {told['left out']:,} left out (empty, or the reference itself)"
    )
    click.echo(f"next: globmed review sample {folder} --out review")


def _estimated(made, judges, prices, journal: Path, as_json: bool) -> None:
    from . import estimate

    rows = estimate.rows(made, judges, prices, journal)
    if as_json:
        click.echo(orjson.dumps({"replies": len(made.characters), "judges": rows}, option=orjson.OPT_INDENT_2))
        return
    estimate.show(made, rows)


def _run(made, judges, people, told, out: Path, journal: Path, asked, say, as_json: bool, quiet: bool) -> None:
    from ...llm.prices import Prices
    from . import ask, folder, show

    prices = Prices.read(asked["prices"]) if asked["prices"] else Prices.shipped()
    settings = ask.Settings(journal, prices, asked["max_cost"], asked["retry_failed"])
    done = list(ask.ask(made, judges, settings, say=say, quiet=quiet))
    written = folder.write(out, made, done, people, told=told)
    if as_json:
        click.echo(
            orjson.dumps(
                {name: value for name, value in written.items() if name != "samples"}, option=orjson.OPT_INDENT_2
            )
        )
    else:
        show.done(folder.read(out), done)
    if stopped := next((one.tally.stopped for one in done if one.tally.stopped), ""):
        raise GlobmedError(f"stopped: {stopped}. What was answered is kept: run the same command again to go on.")
    if not any(one.rows and any(row["state"] == "judged" for row in one.rows) for one in done):
        raise GlobmedError("no judge judged a single reply: see the causes above.")
