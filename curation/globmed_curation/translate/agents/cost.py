"""What a chain would take, before anything is sent: translations, calls, tokens, money by language, model and step.

    found = estimate(jobs, config, journal)
    found.rows[0]       Row(language='sw', model='gpt-4.1', step='draft', calls=1273.0, answered=0.0, input=..., output=..., ...)

Every chain is driven as it would be, by the journal as far as it goes (what it holds is paid), then by imagined replies: a draft
of the length that the language takes, a critique with findings and checks that fail as often as `assume` says. Of many
translations a sample is driven, chosen by hash, and scaled up. Retries and repairs are not counted; neither is that
endpoints keep the same beginning of a prompt in their cache, which makes input cheaper.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import xxhash

from globmed_tools.entry import Entry
from globmed_tools.llm import Journal, Reply, Usage, tokens
from globmed_tools.llm.calls import key
from globmed_tools.llm.prices import Prices

from .. import Job
from . import findings, schemas
from .chain import Asked, Tools, chain
from .config import Agents
from .expect import of_texts
from .replay import outcome_of

#: Translations a language that are driven; the figures of the others follow from theirs.
SAMPLE = 500
_MEASURE = 10_000


@dataclass(slots=True)
class Row:
    """One language, model and step. input and output are the tokens of the calls that are not answered yet."""

    language: str
    model: str
    step: str
    calls: float = 0.0
    answered: float = 0.0
    input: float = 0.0
    output: float = 0.0
    cost: float | None = None
    batch_cost: float | None = None


@dataclass(slots=True)
class Estimated:
    """translations by language; driven: how many of them were; rows, in the order of languages and steps."""

    translations: dict[str, int]
    driven: dict[str, int]
    rows: list[Row] = field(default_factory=list)

    def by(self, *names: str) -> list[Row]:
        """The rows added up by these columns; the other names are ""."""
        found: dict[tuple, Row] = {}
        for row in self.rows:
            kept = {name: getattr(row, name) if name in names else "" for name in ("language", "model", "step")}
            total = found.setdefault(tuple(kept.values()), Row(**kept, cost=0.0, batch_cost=0.0))
            for name in ("calls", "answered", "input", "output"):
                setattr(total, name, getattr(total, name) + getattr(row, name))
            for name in ("cost", "batch_cost"):
                one, sum_ = getattr(row, name), getattr(total, name)
                setattr(total, name, None if one is None or sum_ is None else sum_ + one)
        return list(found.values())

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON-ready dict, counts rounded."""
        told = {"translations": self.translations, "driven": self.driven}
        parts = {"rows": self.rows, "by_language": self.by("language"), "by_step": self.by("step"), "total": self.by()}
        return {**told, **{name: [_rounded(row) for row in rows] for name, rows in parts.items()}}


def _rounded(row: Row) -> dict[str, Any]:
    found = {name: value for name, value in asdict(row).items() if value != "" or name == "step"}
    return {
        name: round(value, 4 if "cost" in name else 0) if isinstance(value, float) else value
        for name, value in found.items()
    }


def estimate(
    jobs: Callable[[], Iterator[Job]],
    tools: Tools,
    prices: Prices,
    journal: Journal | None = None,
    *,
    sample: int = SAMPLE,
    entries: int | None = None,
    pivot: str = "en",
) -> Estimated:
    """jobs: called twice, to count and to choose. sample: translations a language that are driven, 0 for all. entries: as if
    there were so many in each language but the pivot, like those that are there."""
    there = Counter(job.language for job in jobs())
    rows: dict[tuple[str, str, str], Row] = {}
    driven: Counter = Counter()
    seen: set[str] = set()
    for job in jobs():
        if sample and _place(job.entry.id) >= sample / there[job.language]:
            continue
        driven[job.language] += 1
        for asked, answered in drive(job, tools, journal, seen):
            call = asked.call
            row = rows.setdefault((job.language, call.model, asked.step), Row(job.language, call.model, asked.step))
            row.calls += 1
            row.answered += answered
            if not answered:
                row.input += tokens_in(asked, job)
                row.output += tokens.of_reply(call)
    wanted = {code: count if code == pivot else entries or count for code, count in there.items() if driven[code]}
    order = {name: place for place, name in enumerate(there)}
    found = Estimated(wanted, dict(driven), sorted(rows.values(), key=lambda row: order[row.language]))
    for row in found.rows:
        for name in ("calls", "answered", "input", "output"):
            setattr(row, name, getattr(row, name) * wanted[row.language] / driven[row.language])
        usage = Usage(round(row.input), round(row.output))
        row.cost, row.batch_cost = (prices.cost(row.model, usage, batch=batch) for batch in (False, True))
    return found


def _place(*parts: str) -> float:
    """0 to 1, by a hash."""
    return xxhash.xxh3_64_intdigest("\x1f".join(parts).encode()) / 2**64


def tokens_in(asked: Asked, job: Job) -> int:
    """Tokens of a call's messages, what is in the target language counted as such."""
    call = asked.call
    found = tokens.of_messages(call)
    if asked.inserted:
        own = tokens.count(asked.inserted, job.language, call.model)
        found += own - tokens.count(asked.inserted, call.language, call.model)
    return found


def drive(job: Job, tools: Tools, journal: Journal | None, seen: set[str]) -> Iterator[tuple[Asked, bool]]:
    """The calls of one chain, and whether they cost nothing more: the journal holds the answer, or another translation of
    the same entry has asked (its terms). seen: the calls so far."""
    imagined = _Imagined(job, tools)
    steps, outcome = chain(job, replace(tools, check=tools.check and imagined.check)), None
    while True:
        try:
            asked = steps.send(outcome)
        except StopIteration:
            return
        outcome, name = None, key(asked.call)
        if journal is not None and not imagined.begun:
            outcome = outcome_of(asked.call, name, journal.get([name]).get(name))
        yield asked, outcome is not None or name in seen
        seen.add(name)
        if outcome is None:
            outcome = imagined.reply(asked, name)


class _Imagined:
    """Replies that nobody gave. begun: from here on the journal cannot help."""

    def __init__(self, job: Job, tools: Tools):
        self.job, self.assume, self.real, self.begun = job, tools.config.assume, tools.check, False
        self.checks = 0

    def reply(self, asked: Asked, name: str) -> Reply:
        self.begun = True
        parsed = getattr(self, f"_{asked.step}")(asked)
        return Reply(asked.call.id, name, "", parsed, Usage(), None, 0.0, True)

    def check(self, source: Entry, made: Entry) -> list[dict[str, Any]]:
        """What the checks would say: of an imagined text, at first something as often as is assumed, then nothing."""
        if not self.begun:
            return self.real(source, made)
        self.checks += 1
        if self.checks > 1 or _place(self.job.entry.id, self.job.language, "checks") >= self.assume.failing_checks:
            return []
        return [findings.flag("numbers", "a number that is not there", source="5", translation="50")]

    def _terms(self, asked: Asked) -> dict[str, Any]:
        return {"terms": []}

    def _draft(self, asked: Asked) -> dict[str, Any]:
        texts = schemas.texts_of(self.job.entry)
        make = lambda text: self._stretched(text, asked.call.model)  # noqa: E731
        return {
            name: {key: make(text) for key, text in value.items()} if isinstance(value, dict) else make(value)
            for name, value in texts.items()
        }

    _revision = _back = _draft

    def _critique(self, asked: Asked) -> dict[str, Any]:
        share, count = self.assume.drafts_with_findings, round(self.assume.findings)
        if _place(self.job.entry.id, self.job.language, "critique") >= share:
            return {"findings": []}
        words = {"source": self.job.entry.question[:30], "span": "", "problem": "x" * 60, "proposal": "x" * 40}
        return {"findings": [{"kind": "semantic", "severity": "minor", "field": "question", **words}] * max(1, count)}

    def _stretched(self, text: str, model: str) -> str:
        """A text as long as a translation of this one."""
        source, target = self.job.entry.language, self.job.language
        wanted = of_texts({"": text}, source, target, model) - of_texts({"": ""}, source, target, model)
        size = max(1, round(wanted * _MEASURE / tokens.count("x" * _MEASURE, target, model)))
        return (text * (size // len(text) + 1))[:size]


def table(found: Estimated, title: str):
    """A rich table: one row a language and model, then one a step and model, then all."""
    from globmed_tools import console

    made = console.table(
        "", "model", "translations", "calls", "in journal", "tokens in", "tokens out", "US$", "US$ batch", title=title
    )
    for row in found.by("language", "model"):
        made.add_row(row.language, row.model, f"{found.translations[row.language]:,}", *_figures(row))
    made.add_section()
    for row in found.by("step", "model"):
        made.add_row(row.step, row.model, "", *_figures(row))
    made.add_section()
    for row in found.by():
        made.add_row("all", "", f"{sum(found.translations.values()):,}", *_figures(row))
    return made


def _figures(row: Row) -> list[str]:
    counts = [f"{getattr(row, name):,.0f}" for name in ("calls", "answered", "input", "output")]
    return [*counts, *("unknown" if one is None else f"{one:,.2f}" for one in (row.cost, row.batch_cost))]


def of_config(jobs: Callable[[], Iterator[Job]], config: Agents, tools: Tools, **more: Any) -> Estimated:
    """`estimate` by the config's own prices and, where it is there, its journal."""
    prices = Prices.read(config.prices) if config.prices else Prices.shipped()
    if not config.journal.is_file():
        return estimate(jobs, tools, prices, **more)
    with Journal(config.journal) as journal:
        return estimate(jobs, tools, prices, journal, **more)
