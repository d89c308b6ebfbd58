"""Run the real check stage over clean and planted texts, and count what it says.

    >>> judge("sw", [("Give 5 mg.", "Mpe mg 50.")], Config())
    [{'numbers': "'5' | '50' ..."}]

A text that the stage drops or flags is caught; a note is no catch. Recall is counted over texts in whose clean form nothing
was found, so that no catch is owed to a false alarm. The texts of a fault are the first in hash order that it fits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from globmed_curation.checks.registry import CHECKS
from globmed_curation.stages import Dropped
from globmed_curation.stages.check import Config, stage

from globmed_tools.entry import Entry, make

from . import FAULTS, Planted, Text, corpora, plant
from .baselines import Lengths, digits_differ
from .options import Item

#: What a text is dropped or flagged for: check -> the spans that it saw. Empty: it passed.
Verdict = dict[str, str]
READERS = ("digits", "length")
#: The checks whose false alarms have a goal of their own.
NUMBERS_AND_LANGUAGE = frozenset(("numbers", "units", "doses", "comparison", "dates", "language", "script"))


def _entry(number: int, language: str, question: str, options=(), answer: int = 0) -> Entry:
    form = {"form": "mcq", "options": options, "answers": [answer]} if options else {"form": "longform"}
    made = make(source="planted", split="test", language=language, key=str(number), question=question, locator=str(number), licence="none", **form)  # fmt: skip
    return replace(made, id=f"{language} {number}")


def _judge(pairs: list[tuple[Entry, Entry]], config: Config) -> list[Verdict]:
    """The verdict on each pair's translation."""
    entries = []
    for source, target in pairs:
        entries += [source, replace(target, translator="somebody", translated_from=source.id)]
    result = stage(entries, config)
    found = {one.id: _flags(one) for one in result.kept} | {one.entry.id: _reasons(one) for one in result.dropped}
    return [found[target.id] for _source, target in pairs]


def _flags(entry: Entry) -> Verdict:
    found = [one for one in entry.checks.get("check", ()) if one["severity"] != "note"]
    return {one["check"]: _spans(one) for one in reversed(found)}


def _reasons(dropped: Dropped) -> Verdict:
    others = {name: "" for name in dropped.evidence["others"] if CHECKS[name].severity != "note"}
    return {dropped.reason: _spans(dropped.evidence), **others}


def _spans(finding: dict) -> str:
    return f"{finding['source']!r} | {finding['translation']!r} {finding['detail']}"


def judge(language: str, texts: Iterable[tuple[str, str]], config: Config) -> list[Verdict]:
    """The verdict on pairs of an English text and one in this language."""
    pairs = []
    for number, (source, translation) in enumerate(texts):
        # the mark keeps the ids of English and a back-translation apart
        pairs.append((_entry(number, "en", source), replace(_entry(number, language, translation), id=f"t {number}")))
    return _judge(pairs, config)


def judge_items(items: Iterable[Item], config: Config, language: str | None = None) -> list[Verdict]:
    """The same for multiple-choice items."""
    pairs = []
    for number, item in enumerate(items):
        source = _entry(number, "en", item.source, item.source_options, item.answer)
        target = _entry(number, language or item.language, item.translation, item.options, item.answer)
        pairs.append((source, replace(target, id=f"t {number}")))
    return _judge(pairs, config)


@dataclass(slots=True)
class Counts:
    """One fault, or clean text, in one language. tried: texts planted in (or clean ones); owed: those whose clean form
    passed; caught: of these, with a finding; meant: by a check that is made for the fault (in clean text: by one of
    NUMBERS_AND_LANGUAGE); checks: by check, of owed; baselines: name -> [owed, caught]."""

    tried: int = 0
    owed: int = 0
    caught: int = 0
    meant: int = 0
    checks: Counter = field(default_factory=Counter)
    baselines: dict[str, list[int]] = field(default_factory=lambda: {name: [0, 0] for name in READERS})

    def plain(self) -> dict:
        """JSON-ready."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(slots=True)
class Seen:
    """A text and what was said of it, to look at: clean text with a finding, or a fault that was missed."""

    fault: str
    kind: str
    text: Text
    planted: Planted | None
    verdict: Verdict


class Bench:
    """All measurements of one language: `clean` and `fault` count; `seen` collects false alarms and misses."""

    def __init__(self, language: str, part: str, data: Path, config: Config, limit: int | None):
        self.language, self.config, self.limit = language, config, limit
        self.texts = {
            kind: corpora.ordered(read(language, part, data))
            for kind, read in (("single", corpora.pool), ("joined", corpora.joined))
        }
        self.unseen = {kind: [t for t in texts if corpora.unseen(t, part)] for kind, texts in self.texts.items()}
        self.lengths = {
            "single": Lengths.of(corpora.pool(language, "dev", data)),
            "joined": Lengths.of(corpora.joined(language, "dev", data)),
        }
        self.verdicts: dict[str, dict[str, Verdict]] = {"single": {}, "joined": {}}
        self.seen: list[Seen] = []

    def _verdicts(self, kind: str, texts: list[Text]) -> list[Verdict]:
        """The verdicts on clean texts; each is asked for once."""
        known = self.verdicts[kind]
        new = [text for text in texts if text.key not in known]
        known.update(
            zip((t.key for t in new), judge(self.language, ((t.source, t.translation) for t in new), self.config))
        )
        return [known[text.key] for text in texts]

    def clean(self, kind: str, unseen: bool = False) -> Counts:
        """False alarms on human translations: up to five times the limit of a fault. unseen: only those that the language
        model was not trained on."""
        texts = (self.unseen if unseen else self.texts)[kind][: self.limit and 5 * self.limit]
        counts = Counts(tried=len(texts), owed=len(texts))
        for text, checks in zip(texts, self._verdicts(kind, texts), strict=True):
            counts.caught += bool(checks)
            counts.meant += not NUMBERS_AND_LANGUAGE.isdisjoint(checks)
            counts.checks.update(list(checks))
            if checks and not unseen:
                self.seen.append(Seen("clean", kind, text, None, checks))
            for name, (owed, caught) in self._baselines(kind, text.source, text.translation).items():
                counts.baselines[name][0] += owed
                counts.baselines[name][1] += caught
        return counts

    def _baselines(self, kind: str, source: str, translation: str) -> dict[str, tuple[int, bool]]:
        return {
            "digits": (1, digits_differ(source, translation)),
            "length": (1, self.lengths[kind].unusual(source, translation)),
        }

    def fault(self, name: str, kind: str) -> Counts:
        """Recall of one fault in one kind of text."""
        pairs, texts = [], self.unseen[kind] if FAULTS[name].unseen else self.texts[kind]
        for text in texts:
            if self.limit and len(pairs) >= self.limit:
                break
            if planted := plant(name, text):
                pairs.append((text, planted))
        counts, meant = Counts(tried=len(pairs)), set(FAULTS[name].checks)
        before = self._verdicts(kind, [text for text, _planted in pairs])
        after = judge(self.language, ((p.source, p.translation) for _text, p in pairs), self.config)
        for (text, planted), was, now in zip(pairs, before, after, strict=True):
            self._count_baselines(counts, kind, text, planted)
            if was:
                continue
            counts.owed += 1
            counts.caught += bool(now)
            counts.meant += bool(meant & set(now))
            counts.checks.update(list(now))
            if not now:
                self.seen.append(Seen(name, kind, text, planted, now))
        return counts

    def _count_baselines(self, counts: Counts, kind: str, text: Text, planted: Planted) -> None:
        was = self._baselines(kind, text.source, text.translation)
        now = self._baselines(kind, planted.source, planted.translation)
        for name in READERS:
            if not was[name][1]:
                counts.baselines[name][0] += 1
                counts.baselines[name][1] += now[name][1]
