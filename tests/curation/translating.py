"""A server that plays all the parts of the translating chain: it translates by a table, and makes mistakes when told to.

    with Translator(table=sample_table(), plant=0.2, kinds_planted=("dose", "negation")) as server:
        ... base_url=server.url ...
    server.planted[question, "sw"]           "dose": what was wrong with the draft of this item
    server.steps                             Counter({"draft": 40, "critique": 40, "revision": 9}); read, written: tokens

Texts that the table has come out as it says, all others as marked pseudo-text. The critic compares the draft with what the
translator would have said without a fault and sees the share `sees` of the differences; the reviser mends the share `mends` of what
it is told. Which ones follows from a hash: the same server answers the same prompt in the same way, in any order. `fates`
(step, language, item) -> a fault of tests/llm/endpoint.py, or None, meets a request before it is answered. Tokens are counted text by
text in the language it is in, so that an estimate can be held against them.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable

import orjson
import regex
import xxhash
from globmed_curation.translate.pseudo import _TOKENS, _join, _speller

from globmed_tools import languages, resources
from globmed_tools.entry import Entry, make
from globmed_tools.llm import Call, tokens
from tests.llm import endpoint

FAULTS = ("dose", "negation", "swap", "language", "omission")
_KIND = {"dose": "dose", "negation": "negation", "swap": "structural", "language": "semantic", "omission": "semantic"}
_NAMES = {one.name: one.code for one in languages.table().values()}
_BLOCK = re.compile(r"<(source|translation|item|findings) ([0-9a-f]+)>\n(.*?)\n</\1 \2>", re.S)
_STEPS = {
    "You find medical terms": "terms",
    "You are a clinician and a professional medical translator, and translate": "draft",
    "You are a bilingual clinician": "critique",
    "You are a clinician and a professional medical translator, and revise": "revision",
    "You are a medical translator and translate": "back",
}
_INTO = re.compile(r"from (\w+) into (\w+)")
_NOT = re.compile(r"\b(?:not|no|never|without|except|least)\b ?", re.I)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def sample_entries(code: str = "en") -> list[Entry]:
    """The bundled sample, a text for every form."""
    rows = map(json.loads, (resources.sample() / f"{code}.jsonl").read_text("utf-8").splitlines())
    names = ("split", "form", "question", "context", "options", "answers", "label", "reference", "rationale")
    return [
        make(
            source="sample",
            language=code,
            key=row["group"],
            locator=row["group"],
            licence="MIT",
            **{name: row[name] or () if name in ("options", "answers") else row[name] for name in names},
        )
        for row in rows
    ]


def sample_table(*codes: str) -> dict[tuple[str, str], str]:
    """(language, English text) -> its translation in the sample, text by text."""
    table, english = {}, sample_entries()
    for code in codes or languages.codes()[1:]:
        for one, other in zip(english, sample_entries(code)):
            for name in ("question", "context", "reference", "rationale"):
                if getattr(one, name):
                    table[code, getattr(one, name)] = getattr(other, name)
            table |= {(code, a): b for a, b in zip(one.options, other.options)}
    return table


class Asked:
    """A request, read back from its prompt: step, languages, and the blocks of data as they were given."""

    def __init__(self, body: dict):
        self.model = body["model"]
        self.system, self.user = (message["content"] for message in body["messages"][:2])
        self.step = next(step for words, step in _STEPS.items() if self.system.startswith(words))
        names = _INTO.search(self.system)
        self.source = _NAMES[names[1] if names else "English"]
        self.target = _NAMES[names[2]] if names else self.source
        self.blocks = {name: json.loads(text) for name, _, text in _BLOCK.findall(self.user)}
        self.inserted = [text for name, _, text in _BLOCK.findall(self.user) if name in ("translation", "item")]
        if self.step == "back":
            self.source, self.target = self.target, self.source
        self.item = self.blocks.get("source") or {}


class Translator(endpoint.Endpoint):
    """plant: the share of drafts with one of kinds_planted; sees, mends: shares of the critic and the reviser; alarms: the share of
    good drafts of which the critic says something; unplaced: also one finding each whose words stand nowhere. seed: other choices."""

    def __init__(
        self,
        *,
        table: dict[tuple[str, str], str] | None = None,
        plant: float = 0.0,
        kinds_planted: tuple[str, ...] = FAULTS,
        sees: float = 1.0,
        mends: float = 1.0,
        alarms: float = 0.0,
        unplaced: bool = False,
        fates: Callable[[str, str, dict], str | None] | None = None,
        chosen: dict[str, str] | None = None,
        **more,
    ):
        super().__init__(answer=self.say, **more)
        self.table, self.plant, self.kinds_planted = table or {}, plant, kinds_planted
        self.sees, self.mends, self.alarms, self.unplaced, self.fates = sees, mends, alarms, unplaced, fates
        self.chosen = chosen
        self.steps, self.planted = Counter(), {}
        self.read, self.written = Counter(), Counter()
        self._backwards: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def connected(self) -> endpoint.Connection:
        return _Connection(self)

    def fate(self, prompt: str, body: dict, authorization: str) -> str:
        met = super().fate(prompt, body, authorization)
        if met == "ok" and self.fates:
            asked = Asked(body)
            return self.fates(asked.step, asked.target, asked.item) or "ok"
        return met

    def chance(self, *parts: str) -> float:
        """0 to 1, by a hash."""
        return xxhash.xxh3_64_intdigest("\x1f".join((str(self.seed), *parts)).encode()) / 2**64

    def say(self, body: dict) -> str:
        """The reply to a request that meets no fault."""
        asked = Asked(body)
        with self._lock:
            self.steps[asked.step] += 1
        return json.dumps(getattr(self, asked.step)(asked), ensure_ascii=False)

    def text(self, text: str, source: str, target: str) -> str:
        """One text, translated."""
        found = self.table.get((target, text))
        if found is None:
            found = _join(_speller(source, target), _TOKENS.split(text))
        self._backwards[target, found] = text
        return found

    def good(self, item: dict, source: str, target: str) -> dict:
        """An item, translated without a fault."""
        return {name: self._each(value, source, target) for name, value in item.items()}

    def _each(self, value, source: str, target: str):
        if isinstance(value, dict):
            return {key: self.text(text, source, target) for key, text in value.items()}
        return self.text(value, source, target)

    def terms(self, asked: Asked) -> dict:
        words = re.findall(r"[A-Za-z]{8,}", json.dumps(asked.item))
        return {"terms": [*dict.fromkeys(words), "nowhere in the text"]}

    def draft(self, asked: Asked) -> dict:
        made = self.good(asked.item, asked.source, asked.target)
        key = asked.item["question"], asked.target
        if self.chosen is not None:
            kind = self.chosen.get(key[0])
        else:
            kind = None
            if self.chance("plant", *key) < self.plant:
                kind = self.kinds_planted[int(self.chance("kind", *key) * len(self.kinds_planted))]
        if kind:
            wrong = getattr(self, f"_{kind}")(made, asked)
            if wrong != made:
                self.planted[key] = kind
                return wrong
        return made

    def critique(self, asked: Asked) -> dict:
        good, draft = self.good(asked.item, asked.source, asked.target), asked.blocks["translation"]
        key = asked.item["question"], asked.target
        kind = _KIND.get(self.planted.get(key, ""), "semantic")
        findings = []
        for field, source, text, right in _fields(asked.item, draft, good):
            if text != right and self.chance("sees", field, *key) < self.sees:
                findings.append(_finding(kind, "critical", field, source, _differing(text, right), right))
            elif text == right and field == "question" and self.chance("alarm", *key) < self.alarms:
                findings.append(_finding("terminological", "minor", field, source, text.split(" ")[0], ""))
        if self.unplaced:
            findings.append(_finding("semantic", "major", "question", "", "words that stand nowhere", ""))
        return {"findings": findings}

    def revision(self, asked: Asked) -> dict:
        good, made = self.good(asked.item, asked.source, asked.target), asked.blocks["translation"]
        key = asked.item["question"], asked.target
        told = {one["field"] for one in asked.blocks["findings"]}
        if "options" in told:
            told |= {f"option {letter}" for letter in made.get("options", {})}
        told = {field for field in told if self.chance("mends", field, *key) < self.mends}
        for field, _, _, right in _fields(asked.item, made, good):
            if field in told:
                _set(made, field, right)
        return made

    def back(self, asked: Asked) -> dict:
        item = asked.blocks["item"]
        known = lambda text: self._backwards.get((asked.target, text), text)  # noqa: E731
        return {
            name: {key: known(text) for key, text in value.items()} if isinstance(value, dict) else known(value)
            for name, value in item.items()
        }

    def _dose(self, made: dict, asked: Asked) -> dict:
        """The first number of a text, ten times as much."""
        for field, _, text, _ in _fields(asked.item, made, made):
            if found := _NUMBER.search(text):
                return _changed(made, field, text[: found.end()] + "0" + text[found.end() :])
        return made

    def _negation(self, made: dict, asked: Asked) -> dict:
        """A "not" that is gone: from the pseudo-text of a text without it, or by the language's own words."""
        table = languages.get(asked.target).negation
        cues = "|".join([*table["cues"], *table["turns"]])
        own = regex.compile(rf"(?<!\w)(?:{cues})(?!\w) ?" if languages.get(asked.target).spaces else cues, regex.I)
        for field, source, text, _ in _fields(asked.item, made, made):
            if field == "question" and (found := _NOT.search(source)):
                if (asked.target, source) in self.table:
                    return _changed(made, field, own.sub("", text, count=1))
                return _changed(
                    made, field, self.text(source[: found.start()] + source[found.end() :], asked.source, asked.target)
                )
        return made

    def _swap(self, made: dict, asked: Asked) -> dict:
        options = made.get("options")
        if not options:
            return made
        return {**made, "options": {**options, "A": options["B"], "B": options["A"]}}

    def _language(self, made: dict, asked: Asked) -> dict:
        other = "zu" if asked.target != "zu" else "sw"
        return self.good(asked.item, asked.source, other)

    def _omission(self, made: dict, asked: Asked) -> dict:
        """The second half of the longest text."""
        field, _, text, _ = max(_fields(asked.item, made, made), key=lambda one: len(one[2]))
        return _changed(made, field, text[: len(text) // 2].rstrip())

    def usage(self, body: dict, text: str) -> dict:
        """Tokens, each text in its own language."""
        asked = Asked(body)
        schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
        call = Call("", asked.model, body["messages"], schema=schema, language=asked.source)
        for part in asked.inserted:  # the translation within the prompt
            call.messages[1]["content"] = call.messages[1]["content"].replace(part, "", 1)
        into = {"terms": asked.source, "critique": "en", "back": asked.source}.get(asked.step, asked.target)
        given = tokens.of_messages(call) + sum(tokens.count(part, asked.target, asked.model) for part in asked.inserted)
        said = tokens.count(text, into, asked.model)
        with self._lock:
            self.read[asked.step] += given
            self.written[asked.step] += said
        return {"prompt_tokens": given, "completion_tokens": said, "total_tokens": given + said}


class _Connection(endpoint.Connection):
    def send(self, status: int, content: bytes, extra: dict | None = None, cut: bool = False) -> None:
        if status == 200 and not cut:
            reply = orjson.loads(content)
            text = reply["choices"][0]["message"]["content"] or ""
            reply["usage"] = self.server.usage(self.body, text)
            content = orjson.dumps(reply)
        super().send(status, content, extra, cut)

    def act(self, fate: str, body: dict, prompt: str) -> None:
        self.body = {**body, "messages": [dict(one) for one in body["messages"]]}
        super().act(fate, body, prompt)


def _fields(item: dict, made: dict, good: dict):
    """(field, source, text, right) of every text; options as "option A"."""
    for name, value in item.items():
        if isinstance(value, dict):
            for key, text in value.items():
                yield f"option {key}", text, made[name][key], good[name][key]
        else:
            yield name, value, made[name], good[name]


def _set(made: dict, field: str, text: str) -> None:
    word, _, key = field.partition(" ")
    if word == "option":
        made["options"][key] = text
    else:
        made[field] = text


def _changed(made: dict, field: str, text: str) -> dict:
    made = {name: dict(value) if isinstance(value, dict) else value for name, value in made.items()}
    _set(made, field, text)
    return made


def _differing(text: str, right: str) -> str:
    """What of a text is not as it should be, from its first to its last differing letter, whole words."""
    start = 0
    while start < min(len(text), len(right)) and text[start] == right[start]:
        start += 1
    end = len(text)
    while end > start and text[end - 1] == right[len(right) - len(text) + end - 1]:
        end -= 1
    start = text.rfind(" ", 0, start) + 1
    end = text.find(" ", end) if text.find(" ", end) >= 0 else len(text)
    return text[start:end]


def _finding(kind: str, severity: str, field: str, source: str, span: str, proposal: str) -> dict:
    return {
        "kind": kind,
        "severity": severity,
        "field": field,
        "source": source[:60],
        "span": span,
        "problem": f"This is not what the source says ({kind}).",
        "proposal": proposal,
    }
