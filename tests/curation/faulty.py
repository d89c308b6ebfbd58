"""A translating server a fifth of whose requests meets a fault, and what it takes to kill its clients and to count what is left.

    with Faulty(share=0.2) as server:
        spent = survive(command_of(server, ["corpus"], folder), server, [lambda: server.paid > 400], folder)
        server.repeated()            calls that were answered in more than one run
    ends_of(folder / "out")          {(source's id, "sw"): [("flagged", ("numbers",))]}: how each translation ended, and why
    content(folder / "out")          file -> checksum

Which fault a request meets follows from a hash of what it asks (its step, language and texts; not the words of the prompt). One that
passes (PASSING) comes when that body is asked for the first time and never again; a bad answer (STAYING, IN_TEXT) is given every
time. So a run that was killed and went on is told the same as one that was not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson
import xxhash
from globmed_curation.review.sample import is_flagged

from globmed_tools import manifest, shards, store
from globmed_tools.entry import Entry, make

from .translating import _NUMBER, Asked, Translator, _changed, _fields, sample_entries

PASSING = ("429", "429 after", "500", "slow", "hang", "empty")
STAYING = ("cut json", "wrong schema", "refusal")
IN_TEXT = ("changed number", "wrong language")
#: What globmed.yml lets only note, for pseudo-text is no language.
NOTED = ("language", "script", "untranslated", "negation", "units")


class Planter(Translator):
    """Its changed numbers are always other numbers: 0.5 becomes 5, not 0.50."""

    def _dose(self, made: dict, asked: Asked) -> dict:
        for field, _, text, _ in _fields(asked.item, made, made):
            if found := _NUMBER.search(text):
                return _changed(made, field, text[: found.start()] + _tenfold(found[0]) + text[found.end() :])
        return made


def _tenfold(number: str) -> str:
    """Ten times as much, or more: never the same in other digits."""
    whole, _, part = number.replace(",", ".").partition(".")
    joined = whole + part if part and len(part) != 3 else number + "0"  # three digits: a sign of thousands
    return joined.lstrip("0") or "10"


class Faulty(Planter):
    """share: of the requests that meet a fault. launches: clients so far; a call that two of them got an answer to was paid twice."""

    def __init__(self, *, share: float = 0.2, **more):
        slow = more.pop("slow", 0.5)
        super().__init__(**{"sees": 0.5, "delay": 0.01, **more})
        self.slow = slow
        self.share, self.launches = share, 0
        self.faults: Counter = Counter()
        self.times_asked: Counter = Counter()
        self.replied: Counter = Counter()
        self.answered_in: dict[int, set[int]] = {}
        self._counting = threading.Lock()

    def kind(self, body: dict) -> str | None:
        """The fault of this body, or None."""
        asked = Asked(body)
        name = f"{asked.step} {asked.target} {_hash(asked.blocks)} {len(body['messages'])}"
        if self.chance("meets", name) >= self.share:
            return None
        kinds = (*PASSING, *STAYING, *(IN_TEXT if asked.step in ("draft", "revision") else ()))
        return kinds[int(self.chance("fault", name) * len(kinds))]

    def fate(self, prompt: str, body: dict, authorization: str) -> str:
        kind, name = self.kind(body), _hash(body)
        self.times_asked[name] += 1
        if kind is None or (kind in PASSING and self.times_asked[name] > 1):
            return "ok"
        self.faults[kind] += 1
        return "ok" if kind in IN_TEXT else kind

    def say(self, body: dict) -> str:
        text, kind = super().say(body), self.kind(body)
        if kind not in IN_TEXT:
            return text
        asked, made = Asked(body), json.loads(text)
        wrong = self._dose(made, asked) if kind == "changed number" else self._language(made, asked)
        return json.dumps(wrong, ensure_ascii=False)

    def usage(self, body: dict, text: str) -> dict:
        """Called for each response with status 200: counts it, and its tokens roughly."""
        with self._counting:
            self.answered_in.setdefault(_hash(body["messages"][:2]), set()).add(self.launches)
            self.replied[_hash(body)] += bool(text)
        given, said = len(str(body["messages"])) // 4, len(text) // 3
        return {"prompt_tokens": given, "completion_tokens": said, "total_tokens": given + said}

    @property
    def paid(self) -> int:
        """Calls that were answered, each once however often."""
        return len(self.answered_in)

    def repeated(self) -> int:
        """Calls that more than one client got an answer to."""
        return sum(len(clients) - 1 for clients in self.answered_in.values())

    def bodies_repeated(self) -> int:
        """Requests answered again, word for word the same; an empty answer is none."""
        return sum(count - 1 for count in self.replied.values() if count > 1)


def _hash(value) -> int:
    return xxhash.xxh3_64_intdigest(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def variants(count: int) -> list[Entry]:
    """So many English entries: the bundled sample's, and again with a number of their own."""
    sample, made = sample_entries(), []
    for number in range(count):
        one, copy = sample[number % len(sample)], number // len(sample)
        more = {name: getattr(one, name) for name in ("form", "context", "options", "answers", "label", "reference")}
        question = f"{one.question} (Item {copy})" if copy else one.question
        key = f"{one.locator} {copy}"
        made.append(
            make(
                source="sample",
                split="test",
                language="en",
                key=key,
                question=question,
                locator=key,
                licence="MIT",
                rationale=one.rationale,
                **more,
            )  # fmt: skip
        )
    return made


def command_of(
    server: Faulty,
    paths: Iterable[Path],
    folder: Path,
    *,
    codes: Iterable[str] = ("sw", "yo"),
    concurrency: int = 16,
    timeout: float = 2.0,
    workers: int = 1,
) -> list[str]:
    """`globmed curate translate` of these entries into folder/out, as a user gives it; the settings of the checks are written."""
    checks = {name: {"severity": "note"} for name in NOTED}
    settings = folder / "settings.json"
    settings.write_text(json.dumps({"agents": {"check": {"checks": checks}}}))
    program = [sys.executable, "-P", "-m", "globmed_tools.cli", "curate", "translate", *map(str, paths)]
    program += ["-o", str(folder / "out"), "--config", str(settings), "--journal", str(folder / "calls.sqlite")]
    program += [part for code in codes for part in ("--language", code)]
    program += ["--model", "gpt-4.1", "--base-url", server.url, "--concurrency", str(concurrency)]
    program += ["--timeout", str(timeout), "-s", "agents.endpoint.backoff=0.05"]
    program += ["-s", "agents.endpoint.attempts=8"]
    return [*program, "--workers", str(workers), "--quiet"]


@dataclass
class Spent:
    """What a command took, all its launches together. kills: requests under way at each kill, as far as the server could see."""

    wall: float
    cpu: float
    peak: float
    kills: list[int]


def survive(command: list[str], server: Faulty, moments: Iterable[Callable[[], bool]], folder: Path) -> Spent:
    """Start the command, kill it at the first moment, start it again, and so on; then run it to its end. AssertionError where it ends
    otherwise."""
    spent = Spent(0.0, 0.0, 0.0, [])
    for moment in (*moments, None):
        server.launches += 1
        started = time.perf_counter()
        with (folder / "err.txt").open("w") as errors:
            running = subprocess.Popen(command, stderr=errors, env={**os.environ, "HF_HUB_OFFLINE": "1"})
            while moment is not None and not moment():
                assert running.poll() is None, f"ended before the kill: {_end_of(folder / 'err.txt')}"
                time.sleep(0.002)
            if moment is not None:
                spent.kills.append(server.in_flight())
                running.kill()
            _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        assert running.returncode == (0 if moment is None else -9), _end_of(folder / "err.txt")
        spent.wall += time.perf_counter() - started
        spent.cpu += used.ru_utime + used.ru_stime
        spent.peak = max(spent.peak, used.ru_maxrss / 1024)
    return spent


def _end_of(path: Path) -> str:
    return path.read_text()[-1500:]


def writing(out: Path) -> Callable[[], bool]:
    """The moment when the first shard of the result is there, and not all of them."""
    return lambda: any((out / "shards").glob("*.json")) and not (out / manifest.NAME).exists()


def ends_of(out: Path) -> dict[tuple[str, str], list[tuple[str, tuple[str, ...]]]]:
    """(the source's id, language) -> every end that the folder holds for it: clean, flagged or dropped, with its causes."""
    ends: dict[tuple[str, str], list] = {}
    for one in shards.entries([out]):
        if one.translated_from:
            causes = {row["check"] for row in one.checks["check"] if row["severity"] == "flag"}
            end = ("flagged", tuple(sorted(causes))) if is_flagged(one) else ("clean", ())
            ends.setdefault((one.translated_from, one.language), []).append(end)
    for path in sorted((out / shards.DROPPED).iterdir()):
        for row in shards.read_dropped(path):
            ends.setdefault((row["entry"]["translated_from"], row["language"]), []).append(
                ("dropped", (row["reason"],))
            )
    return ends


def told_of(out: Path) -> list[tuple[str, str]]:
    """(the source's id, language) of every row of texts/."""
    rows = (row for path in sorted((out / "texts").iterdir()) for _, row in store.json_lines(path))
    return [(row["translated_from"], row["language"]) for row in rows]


def content(out: Path) -> dict[str, str]:
    """What a run made, file by file; its log holds times, its lock a process."""
    files = (path for path in sorted(out.rglob("*")) if path.is_file() and path.name not in ("log.jsonl", ".lock"))
    return {path.relative_to(out).as_posix(): manifest.checksum(path) for path in files}
