"""What `report judge` writes, and `report build` reads: a folder of judgements with all that made them.

    judged/judgements.jsonl   a row a judge, reply and order: {"judge", "model", "set", "language", "group", "same", "order",
                              "state": "judged" | "failed" | "empty" | "not asked", "values": {"harm": "minor", ...},
                              "reasons": {...}, "quotes": {"harm": {"text", "start", "end"}}, "characters", "cause", "call", ...}
    judged/comparisons.jsonl  with --pairwise, a row a judge, pair and order: {"model", "base", "side": "A" (where the model's reply
                              stood), "better": "model" | "base" | "tie", "reason", "state", ...}
    judged/clinicians.jsonl   with --clinicians: {"reviewer", "review_id", "values"}
    judged/judged.json        provenance, counts, checksums; written last
    judged/calls.sqlite       the journal, unless --journal names another

Of a reply that a judge did not judge there is a row that says why, and no value. `call` is the journal's key of the call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ... import __version__, manifest, store
from ...errors import GlobmedError
from . import prompt, rubric
from .ask import Done
from .work import FAILED, JUDGED, NOT_ASKED, TURNED, USUAL, Work

NAME, FORMAT, VERSION = "judged.json", "globmed-judged", 1
FILES = {"grade": "judgements.jsonl", "pair": "comparisons.jsonl", "clinician": "clinicians.jsonl"}
_AGAIN = "Run `globmed report judge` again: what was answered is in the journal."


@dataclass(slots=True)
class Judged:
    """A folder that was read. told: judged.json; grades, pairs, people: the rows of its files."""

    folder: Path
    told: dict[str, Any]
    rubric: rubric.Rubric
    grades: list[dict[str, Any]]
    pairs: list[dict[str, Any]]
    people: list[dict[str, Any]]


def write(
    folder: Path, work: Work, done: list[Done], people: list[dict[str, Any]], *, told: dict[str, Any]
) -> dict[str, Any]:
    """Write the folder; what went into judged.json. told: scoring, asked (limit, languages, ...), journal."""
    (folder / NAME).unlink(missing_ok=True)
    rows = [row for one in done for row in one.rows]
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in ("grade", "pair")}
    by_kind["clinician"] = people
    files = {}
    for kind, name in FILES.items():
        if by_kind[kind]:
            plain = ({field: value for field, value in row.items() if field != "kind"} for row in by_kind[kind])
            path = manifest.write_bytes(folder / name, b"".join(orjson.dumps(row) + b"\n" for row in plain))
            files[name] = {"rows": len(by_kind[kind]), "xxh3": manifest.checksum(path)}
        else:
            (folder / name).unlink(missing_ok=True)
    made = {
        "format": FORMAT,
        "version": VERSION,
        "made_by": f"globmed {__version__}",
        "complete": not any(one.tally.stopped for one in done),
        "judges": [_judge(one) for one in done],
        "rubric": work.rubric.as_dict(),
        "prompts": {name: prompt.digest(name) for name in ("grade", *(["compare"] * bool(work.pairs)))},
        "models": work.found.models,
        "groups": work.found.groups,
        "replies": len(work.found.replies),
        "empty": sum(not n for n in work.characters),
        "turned": len(work.turned),
        "pairwise": work.pairwise,
        "left_out": work.found.problems,
        **told,
        "samples": work.found.files,
        "files": files,
    }
    manifest.write_bytes(folder / NAME, orjson.dumps(made, option=orjson.OPT_INDENT_2) + b"\n")
    return made


def _judge(done: Done) -> dict[str, Any]:
    """The judge, what it judged, and what that took in all, whichever run it was: the same judgements give the same bytes."""
    parts = {
        "grades": lambda row: row["kind"] == "grade" and row["order"] == USUAL,
        "turned": lambda row: row["kind"] == "grade" and row["order"] == TURNED,
        "pairs": lambda row: row["kind"] == "pair",
    }
    counts = {name: counted(row for row in done.rows if keep(row)) for name, keep in parts.items()}
    took = {
        "input": done.usage.input,
        "output": done.usage.output,
        "cost": done.cost,
        "stopped": done.tally.stopped or None,
    }
    return done.judge.as_dict() | counts | took


def counted(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """{"judged", "empty", "same", "failed": {cause: n}, "not_asked"} of rows."""
    states, causes = Counter(), Counter()
    for row in rows:
        states[row["state"]] += 1
        if row["state"] == FAILED:
            causes[row["cause"]] += 1
    return {name: states[name] for name in (JUDGED, "empty", "same")} | {
        "failed": dict(sorted(causes.items())), "not_asked": states[NOT_ASKED]
    }  # fmt: skip


def is_one(path: Path) -> bool:
    """Whether a path is a folder of judgements, finished or not."""
    return path.is_dir() and any((path / name).is_file() for name in (NAME, FILES["grade"]))


def read(folder: Path) -> Judged:
    """A finished folder; GlobmedError where it is not, or a file is not what was written."""
    path = folder / NAME
    if not path.is_file():
        raise GlobmedError(f"{folder}: no {NAME}, so this folder is half-written. {_AGAIN}")
    told = manifest.read_object(path, "what `globmed report judge` writes", _AGAIN)
    if told.get("format") != FORMAT or told.get("version") != VERSION:
        raise GlobmedError(
            f"{path}: holds {told.get('format')!r} version {told.get('version')}, not {FORMAT} version {VERSION}. {_AGAIN}"
        )
    rows: dict[str, list[dict[str, Any]]] = {}
    for kind, name in FILES.items():
        rows[kind] = []
        if name in told["files"]:
            file = folder / name
            if not file.is_file() or manifest.checksum(file) != told["files"][name]["xxh3"]:
                raise GlobmedError(f"{file}: missing, or changed since it was written. {_AGAIN}")
            rows[kind] = [row for _number, row in store.json_lines(file)]
    used = rubric.from_dict({**told["rubric"], "criteria": told["rubric"]["criteria"]}, str(path))
    return Judged(folder, told, used, rows["grade"], rows["pair"], rows["clinician"])
