"""The chain of one entry into one language: a generator that yields calls, gets their outcomes and returns how it ended.

    terms -> draft -> critique -> revision -> checks -> at most `rounds` revisions by what they saw -> back-translation

    made = chain(job, tools)              send it a Reply or a Failure for each Asked; its value is a Made

It asks nobody itself and knows no clock, file or network: the same replies give the same end, so that the filling pass (which
asks), the stage (which replays the journal), the batch rounds and the estimate all drive the same code.

A chain ends in an Entry without flags, in an Entry flagged for review (a check still fails, a finding was left as it was, a step
gave no answer), or, where there is no text at all, in a Dropped with the cause.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

import xxhash

from globmed_tools import languages
from globmed_tools.entry import Entry, problem, revised, translation
from globmed_tools.llm import Call, Failure, Reply

from ...stages import Dropped
from .. import Job, Made
from . import findings as finding
from . import schemas, terms
from .back import chrf
from .config import Agents
from .expect import of_critique, of_terms, of_texts
from .prompts import Prompts

Outcome = Reply | Failure
Texts = dict[str, Any]
SAID = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that a chain waits for. inserted: what of its messages is in the target language, for estimates."""

    step: str
    endpoint: str
    call: Call
    inserted: str = ""


@dataclass(frozen=True)
class Tools:
    """What all chains of a run share. find: Glossary.find, or None; check: (source, translation) -> findings of the checks,
    or None where they are off."""

    config: Agents
    prompts: Prompts
    find: Callable[..., list] | None
    check: Callable[[Entry, Entry], list[dict[str, Any]]] | None


Chain = Generator[Asked, Outcome, Made]


def chain(job: Job, tools: Tools) -> Chain:
    """The chain of one job, not yet begun."""
    return _Work(job, tools).run()


class _Work:
    """What a chain knows so far. told: one row a step, for explain; flags: findings of the chain's own; text: the translation
    as it stands, in the form of schemas.texts_of."""

    def __init__(self, job: Job, tools: Tools):
        self.job, self.tools, self.config = job, tools, tools.config
        self.source = schemas.texts_of(job.entry)
        self.schema = schemas.schema(job.entry)
        self.json = _json(self.source)
        self.terms: list[dict[str, Any]] = []
        self.unknown: list[str] = []
        self.text: Texts = {}
        self.told: list[dict[str, Any]] = []
        self.flags: list[dict[str, Any]] = []
        self.criticised: tuple[list[dict[str, Any]], Texts] = ([], {})
        self.checked: list[dict[str, Any]] | None = None
        self.counts = {"calls": 0, "terms": 0, "findings": 0, "unplaced": 0, "revisions": 0}
        self.kinds: dict[str, int] = {}

    def run(self) -> Chain:
        yield from self._terms()
        outcome, row = yield from self._ask("draft", "draft", self.schema, self._expected("draft"))
        if not outcome.ok:
            return self._dropped(outcome.cause, outcome.detail, outcome.text)
        self.text = row["texts"] = self._read(outcome)
        if self.config.critique is not None:
            yield from self._critique()
        yield from self._checks()
        if code := problem(self._entry(self.text)):
            return self._dropped(code[0], code[1], "")
        if self.config.back is not None:
            yield from self._back()
        return self._ended()

    def _terms(self) -> Generator[Asked, Outcome, None]:
        named = None
        if self.config.terms is not None:
            outcome, row = yield from self._ask("terms", "terms", schemas.TERMS, of_terms(self.source))
            if outcome.ok:
                texts = schemas.flat(self.source).values()
                said = dict.fromkeys(one.strip() for one in outcome.parsed["terms"])
                named = row["named"] = [one for one in said if one and any(one in text for text in texts)]
        if self.tools.find is None:
            return
        source, target = self.job.entry.language, self.job.language
        fields = schemas.flat(self.source).values()
        self.terms, self.unknown = terms.matched(fields, self.tools.find, source, target, named)
        self.counts["terms"] = len(self.terms)
        if self.terms or self.unknown:
            self.told.append({"step": "glossary", "terms": self.terms, "unknown": self.unknown})

    def _critique(self) -> Generator[Asked, Outcome, None]:
        asked = schemas.critique(self.job.entry)
        outcome, row = yield from self._ask("critique", "critique", asked, of_critique(self.config.assume), self.text)
        if not outcome.ok:
            self.flags.append(finding.flag(finding.FAILED, f"no critique: {outcome.cause}"))
            return
        kept, lost = finding.placed(outcome.parsed["findings"], self.source, self.text)
        row |= {"findings": kept} | ({"unplaced": lost} if lost else {})
        self.counts["findings"], self.counts["unplaced"] = len(kept), len(lost)
        for one in kept:
            self.kinds[one["kind"]] = self.kinds.get(one["kind"], 0) + 1
        self.criticised = kept, self.text
        if severe := finding.severe(kept, self.config.critique.least):
            mended = yield from self._revision("revision", severe)
            if mended is not None and self._usable(mended):
                self.text = mended

    def _checks(self) -> Generator[Asked, Outcome, None]:
        """The checks of the text, and as many revisions by them as are allowed; of two texts the better one stays."""
        if self.tools.check is None:
            return
        self.checked = self._check(self.text)
        for number in range(self.config.rounds):
            if not finding.failing(self.checked) or self.config.revision is None:
                break
            words = finding.in_words(self.checked, list(schemas.flat(self.text)))
            self.told.append({"step": "check", "findings": words})
            label = "revision by checks" if number == 0 else f"revision by checks {number + 1}"
            mended = yield from self._revision(label, words)
            if mended is None:
                break
            again = self._check(mended)
            if not self._usable(mended) or finding.weight(again) >= finding.weight(self.checked):
                self.told[-1]["kept"] = False
                break
            self.text, self.checked = mended, again
        if left := finding.in_words(self.checked):
            self.told.append({"step": "check, at the end", "findings": left})

    def _usable(self, mended: Texts) -> bool:
        """False where a revision has broken what was whole: an option twice, a question gone."""
        broken = problem(self._entry(mended)) is not None and problem(self._entry(self.text)) is None
        if broken:
            self.told[-1]["kept"] = False
        return not broken

    def _revision(self, label: str, findings: list) -> Generator[Asked, Outcome, Texts | None]:
        """A mended text, or None where revision is off or gave no answer."""
        if self.config.revision is None:
            return None
        expect, told = self._expected("revision"), {"findings": _json(findings)}
        outcome, row = yield from self._ask("revision", label, self.schema, expect, self.text, told)
        if not outcome.ok:
            self.flags.append(finding.flag(finding.FAILED, f"no {label}: {outcome.cause}"))
            return None
        self.counts["revisions"] += 1
        mended = self._read(outcome)
        old, new = schemas.flat(self.text), schemas.flat(mended)
        row["changed"] = {name: text for name, text in new.items() if text != old[name]}
        return mended

    def _back(self) -> Generator[Asked, Outcome, None]:
        outcome, row = yield from self._ask("back", "back", self.schema, self._expected("back"), self.text)
        if not outcome.ok:
            if self.config.back.least:
                self.flags.append(finding.flag(finding.FAILED, f"no back-translation: {outcome.cause}"))
            return
        back = row["texts"] = self._read(outcome)
        score = row["chrf"] = chrf(*("\n".join(schemas.flat(one).values()) for one in (back, self.source)))
        self.counts["back"] = score
        if score < self.config.back.least:
            words = f"chrF of the back-translation {score:.2f}, below {self.config.back.least:.2f}"
            self.flags.append(finding.flag(finding.BACK, words, score=round(1 - score, 4)))

    def _ask(
        self,
        name: str,
        label: str,
        schema: dict,
        expect: int,
        inserted: Texts | None = None,
        told: Mapping | None = None,
    ) -> Generator[Asked, Outcome, tuple[Outcome, dict[str, Any]]]:
        """One call, and the row that tells of it."""
        step, job = getattr(self.config, name), self.job
        values = {"text": self.json, "terms": self.terms, "unknown": self.unknown, **(told or {})}
        if inserted is not None:
            values["draft"] = _json(inserted)
        into = {"terms": job.entry.language, "critique": "en", "back": job.entry.language}.get(name, job.language)
        call = Call(
            id=f"{job.entry.id[:12]}:{job.language}:{label}",
            model=self.config.model_of(step),
            messages=self.tools.prompts.messages(name, job, **values),
            parameters=self.config.parameters_of(step),
            schema=schema,
            language=job.entry.language,
            reply_language=into,
            expect=expect + self.config.assume.thinking,
        )
        self.counts["calls"] += 1
        outcome = yield Asked(name, step.endpoint, call, values.get("draft", ""))
        row = {"step": label, "model": call.model, "key": outcome.key}
        if not outcome.ok:
            row |= {"failed": outcome.cause, "detail": outcome.detail} | (
                {"said": outcome.text} if outcome.text else {}
            )
        self.told.append(row)
        return outcome, row

    def _expected(self, name: str) -> int:
        source = self.job.entry.language
        into = source if name == "back" else self.job.language
        return of_texts(self.source, source, into, self.config.model_of(getattr(self.config, name)))

    def _read(self, outcome: Reply) -> Texts:
        return _clean(schemas.like(outcome.parsed, self.source))

    def _check(self, text: Texts) -> list[dict[str, Any]]:
        return self.tools.check(self.job.entry, self._entry(text))

    def _entry(self, text: Texts) -> Entry:
        return translation(self.job.entry, self.job.language, **self._made_by(), **schemas.fields_of(text))

    def _made_by(self) -> dict[str, str]:
        return {
            "translator": self.config.translator,
            "prompt_hash": self.tools.prompts.version(languages.get(self.job.language).code),
        }

    def _ended(self) -> Made:
        found = [{**one, "severity": "flag"} if one["severity"] == "drop" else one for one in self.checked or ()]
        found = self.flags + finding.unmended(*self.criticised, self.text) + found
        checks: dict[str, Any] = {"translate": self.counts}
        if found or self.checked is not None:
            checks["check"] = found
        entry = revised(self._entry(self.text), checks=checks)
        flagged = any(one["severity"] == "flag" for one in found)
        return self._made(entry, entry.id, "flagged" if flagged else "clean")

    def _dropped(self, cause: str, detail: str, said: str) -> Made:
        """No text to keep: an entry without texts stands for it, so that it counts in its language."""
        source = self.job.entry
        told = "\x1f".join(("not translated", source.id, source.locator, self.job.language))
        name = xxhash.xxh3_128_hexdigest(told.encode("utf-8", "surrogatepass"))
        empty = dict(question="", context=None, options=(), reference=None, rationale=None, checks={}, review=None)
        entry = revised(
            source, id=name, language=self.job.language, translated_from=source.id, **self._made_by(), **empty
        )
        last = next((row for row in reversed(self.told) if "model" in row), {})
        evidence = {"step": last.get("step", ""), "model": last.get("model", ""), "detail": detail}
        if said:
            evidence["said"] = said if len(said) <= SAID else f"{said[:SAID]} … {len(said) - SAID} more characters"
        return self._made(Dropped(entry, cause.replace(" ", "_"), evidence), name, "not translated")

    def _made(self, end: Entry | Dropped, id: str, how: str) -> Made:
        texts = {
            "id": id,
            "translated_from": self.job.entry.id,
            "language": self.job.language,
            "ended": how,
            "steps": self.told,
        }
        counted = {name: count for name, count in self.counts.items() if name != "back"}
        stats = {how: 1, **counted, "kinds": dict(self.kinds)}
        return Made(end, texts, {"agents": {self.job.language: stats}})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _clean(text: Any) -> Any:
    """Composed characters (NFC), no blanks around."""
    if isinstance(text, dict):
        return {name: _clean(one) for name, one in text.items()}
    return unicodedata.normalize("NFC", text).strip()
