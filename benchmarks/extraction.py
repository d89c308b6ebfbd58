"""How often is a reply's answer read right, and how often is one invented? Ours against mmlu_prox's and simple-evals'.

The replies are two folders of tests/bench: `replies`, which our reader was made with, and `replies_held_out`. A reply is a
JSON object with `form`, `options`, `reply` and `gold`, the index of the answer that it gives or null for none. All readers
see the same multiple-choice replies; a letter beyond a reply's options counts as none read. The other forms (nli, yesno)
only ours can read. The last table has all readers read the very phrase that mmlu_prox's prompt asks for, each letter A to J
in each of its languages.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import mmlu_prox
import simple_evals
from tables import machine, machine_line, markdown

from globmed_tools import languages
from globmed_tools.bench.extract import read

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = """examples:
  python benchmarks/extraction.py
  python benchmarks/extraction.py --json extraction.json
  python benchmarks/extraction.py --corpus DIR --misses
"""
LETTERS = "ABCDEFGHIJ"
READERS = ("ours", "mmlu_prox", "simple-evals multilingual", "simple-evals English")
COUNTS = ("right", "wrong", "carrying", "invented", "none")


def index(letter: str | None, options: list[str]) -> int | None:
    """The option that a letter stands for, or None."""
    place = LETTERS.find(letter.upper()) if letter else -1
    return place if 0 <= place < len(options) else None


def readers(code: str) -> dict:
    """name -> function from a row to an index or None; None in place of the function where it lacks the language."""
    language, theirs = languages.get(code), mmlu_prox.filter_of(code)

    def by_letter(find):
        return find and (lambda row: index(find(row["reply"]), row["options"]))

    found = (
        lambda row: read(row["reply"], language, row["form"], row["options"]).index,
        by_letter(theirs),
        by_letter(simple_evals.multilingual),
        by_letter(simple_evals.english),
    )
    return dict(zip(READERS, found, strict=True))


def count(rows: list[dict], reader) -> tuple[dict[str, int], list[dict]]:
    """Counts of one reader over rows, and the rows that it misread: wrong option, none read, or invented."""
    counts, misses = dict.fromkeys(COUNTS, 0), []
    for row in rows:
        found, gold = reader(row), row["gold"]
        counts["none" if gold is None else "carrying"] += 1
        if found != gold:
            misses.append({"id": row["id"], "gold": gold, "read": found})
        if gold is None:
            counts["invented"] += found is not None
        else:
            counts["right"] += found == gold
            counts["wrong"] += found not in (gold, None)
    return counts, misses


def asked_for(code: str) -> list[dict]:
    """Replies that end in exactly the phrase that mmlu_prox's prompt asks for in a language, one a letter."""
    phrase = mmlu_prox.phrase(code)
    options = [f"xx{letter}xx" for letter in LETTERS]
    return [
        {
            "id": f"{code}-{letter}",
            "form": "mcq",
            "options": options,
            "reply": phrase.format(letter) + ".",
            "gold": gold,
        }
        for gold, letter in enumerate(LETTERS)
    ]


def in_their_phrase(codes) -> str:
    """One Markdown table: the share of those replies that each reader reads right, over mmlu_prox's languages."""
    codes = [code for code in codes if mmlu_prox.has(code)]
    counts = {name: summed(count(asked_for(code), readers(code)[name])[0] for code in codes) for name in READERS}
    size = str(counts["ours"]["carrying"])
    rows = [[name, size, share(part["right"], part["carrying"])] for name, part in counts.items()]
    return markdown(["replies in mmlu_prox's own phrase", "replies", "right"], rows)


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def measure(folder: Path) -> dict[str, dict]:
    """language -> reader -> counts over its mcq replies (None where the reader lacks it), and ours on the other forms."""
    result = {}
    for path in sorted(folder.glob("*.jsonl"), key=lambda path: languages.codes().index(path.stem)):
        rows, found = rows_of(path), {}
        mcq = [row for row in rows if row["form"] == "mcq"]
        for name, reader in readers(path.stem).items():
            found[name], misses = count(mcq, reader) if reader else (None, [])
            if name == "ours":
                found["misses"] = misses
        others, misses = count([row for row in rows if row["form"] != "mcq"], readers(path.stem)["ours"])
        found["ours, other forms"], found["misses"] = others, found["misses"] + misses
        result[path.stem] = found
    if not result:
        raise SystemExit(f"{folder}: no *.jsonl files. Name the folder of replies with --corpus.")
    return result


def summed(parts) -> dict[str, int] | None:
    """The sum of counts over languages, leaving out those that a reader lacks."""
    parts = [part for part in parts if part]
    return {name: sum(part[name] for part in parts) for name in COUNTS} if parts else None


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


def cells(counts: dict[str, int] | None) -> list[str]:
    """right, wrong and invented, in per cent, or dashes."""
    if counts is None:
        return ["-"] * 3
    carrying = counts["carrying"]
    return [
        share(counts["right"], carrying),
        share(counts["wrong"], carrying),
        share(counts["invented"], counts["none"]),
    ]


def table(found: dict[str, dict]) -> str:
    """Language x reader, per cent; the last row sums over the languages that a reader has."""
    found = {**found, "all": {name: summed(part[name] for part in found.values()) for name in READERS}}
    head = ["language", "with answer", "without"]
    head += [
        f"{name}: {what}" if what == "right" else what for name in READERS for what in ("right", "wrong", "invented")
    ]
    rows = []
    for code, part in found.items():
        size = part["ours"]
        line = [code, str(size["carrying"]), str(size["none"])]
        rows.append(line + [cell for name in READERS for cell in cells(part[name])])
    return markdown(head, rows)


def common(found: dict[str, dict]) -> str:
    """The sums over the languages that every reader has, and ours on the forms that the others do not read."""
    shared = [part for part in found.values() if all(part[name] for name in READERS)]
    lines = [
        f"The {len(shared)} languages that every reader has: "
        + "; ".join(f"{name} {cells(summed(part[name] for part in shared))[0]} right" for name in READERS)
    ]
    others = summed(part["ours, other forms"] for part in found.values())
    right, wrong, _invented = cells(others)
    lines.append(
        f"nli and yesno replies, ours alone: {others['carrying']} with an answer, {right} right, {wrong} wrong; "
        f"{others['none']} without, {others['invented']} invented"
    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = [ROOT / "tests" / "bench" / name for name in ("replies", "replies_held_out")]
    parser.add_argument(
        "--corpus", type=Path, nargs="+", default=default, help="folders of <language>.jsonl (default: the tests' two)"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write all counts to this file")
    parser.add_argument("--misses", action="store_true", help="also list what ours misread")
    asked = parser.parse_args()
    found = {folder.name: measure(folder) for folder in asked.corpus}
    print(machine_line())
    for name, part in found.items():
        print(f"\n{name}\n\n{table(part)}\n\n{common(part)}")
        for row in [row for one in part.values() for row in one["misses"]] if asked.misses else ():
            print(json.dumps(row, ensure_ascii=False))
    print(f"\n{in_their_phrase(next(iter(found.values())))}")
    if asked.json:
        text = json.dumps({"machine": machine(), "corpora": found}, ensure_ascii=False, indent=1)
        asked.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
