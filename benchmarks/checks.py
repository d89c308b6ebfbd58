"""What do the checks find in human translations with planted faults, and what do they wrongly find in clean ones?

TICO-19 (COVID-19 medicine: es fr pt zh sw zu ar bn hi id ms) and NTREX-128 (news; de ja ko wo yo too), English beside
human translations, as single sentences and as two or three joined ones. `held-out` is what the checks were not developed on:
TICO-19's test sets and the second half of NTREX-128's documents; `dev` is the rest. A fault counts as caught where the
check stage with its default settings drops or flags the text; recall is over texts whose clean form passes. Wrong
languages are only planted in documents that the language model was not trained on. Beside it two baselines: the digits
alone, and the length alone (outside the middle 98 of 100 texts of `dev`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

import checks_report as report
from faults import FAULTS, corpora, languages
from faults.measure import Bench, Counts, Seen, judge_items
from faults.options import OPTION_FAULTS, african, own_items, plant_option
from faults.triple import triple
from globmed_curation.stages.check import Config, Rule

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("GLOBMED_REAL_DATA") or ROOT.parent / "shared" / "data")
EXAMPLES = """examples:
  python benchmarks/checks.py
  python benchmarks/checks.py --part dev --languages sw zu --faults "number changed" --misses misses.txt
  python benchmarks/checks.py --all --json checks.json
"""


def measure(code: str, asked: argparse.Namespace, config: Config) -> tuple[dict[str, Counts], list[Seen]]:
    """ "clean/single", "loop/joined", ... -> counts, and the texts to look at, of one language."""
    started = time.monotonic()
    bench = Bench(code, asked.part, asked.data, config, None if asked.all else asked.limit)
    found = {f"clean/{kind}": bench.clean(kind) for kind in ("single", "joined")}
    found["clean, unseen/single"] = bench.clean("single", unseen=True)
    for fault in FAULTS.values():
        if not asked.faults or fault.name in asked.faults:
            found |= {f"{fault.name}/{kind}": bench.fault(fault.name, kind) for kind in fault.where}
    texts = sum(counts.tried for counts in found.values())
    print(f"{code}: {texts:,} texts, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return found, bench.seen


def items_of(code: str, asked: argparse.Namespace) -> dict[str, list]:
    """corpus -> multiple-choice items of one language: the sample's, and for Zulu the human MMLU's."""
    found = {"sample": list(own_items(code))}
    if code == "zu":
        found["mmlu"] = african(asked.data, "mmlu_cm_ck_vir", ("test",) if asked.part == "held-out" else ("val", "dev"))
    return found


def measure_options(code: str, asked: argparse.Namespace, config: Config) -> dict[str, dict[str, Counts]]:
    """corpus -> "clean" or fault -> counts, over multiple-choice items."""
    found = {}
    for corpus, items in items_of(code, asked).items():
        before = judge_items(items, config)
        part = {"clean": Counts(len(items), len(items), sum(map(bool, before)))}
        for checks in before:
            part["clean"].checks.update(list(checks))
        for name, (meant, _function) in OPTION_FAULTS.items():
            planted = [(made, was) for item, was in zip(items, before) if (made := plant_option(name, item))]
            counts = Counts(tried=len(planted))
            for (_item, was), now in zip(planted, judge_items([made for made, _was in planted], config)):
                if not was:
                    counts.owed += 1
                    counts.caught += bool(now)
                    counts.meant += bool(set(meant) & set(now))
                    counts.checks.update(list(now))
            part[name] = counts
        found[corpus] = part
    return found


def show(seen: list[Seen], zulu: dict, path: Path, each: int) -> None:
    """False alarms and misses as text, for those who mend the checks: at most so many of a fault, kind and language; and
    what was found in the Zulu versions."""
    lines, shown = [], Counter()
    for one in seen:
        code, side = one.text.language, one.planted or one.text
        what = one.planted.what if one.planted else "; ".join(f"{name}: {spans}" for name, spans in one.verdict.items())
        shown[code, one.fault, one.kind] += 1
        if shown[code, one.fault, one.kind] <= each:
            lines.append(f"{code} {one.text.corpus} {one.text.number} | {one.fault} ({one.kind}) | {what}")
            lines += [f"  en: {side.source}", f"  {code}: {side.translation}"]
    for version, part in zulu.items():
        for check, examples in part["examples"].items():
            for source, theirs, spans in examples:
                lines += [f"MMLU, {version} | {check}: {spans}", f"  en: {source}", f"  {version}: {theirs}"]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="folder with tico19/, ntrex128/ (default: %(default)s)")
    parser.add_argument("--part", choices=corpora.PARTS, default="held-out", help="default: %(default)s")
    parser.add_argument(
        "--limit", type=int, default=400, help="texts a language and fault (default: %(default)s); clean: 5 x"
    )
    parser.add_argument("--all", action="store_true", help="every text")
    parser.add_argument("--languages", nargs="+", choices=languages(), default=languages(), metavar="CODE")
    parser.add_argument("--faults", nargs="+", choices=list(FAULTS), metavar="NAME", help="only these")
    parser.add_argument("--without", nargs="+", default=[], metavar="CHECK", help="checks to leave out")
    parser.add_argument("--misses", type=Path, metavar="OUT", help="write false alarms and misses to this file")
    parser.add_argument("--each", type=int, default=5, help="of these, at most so many of a fault and language")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all counts to this file")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    for name in ("tico19", "ntrex128", "mmlu_clinical_african"):
        if not (asked.data / name).is_dir():
            raise SystemExit(f"{asked.data / name}: no such folder. Name the folder that holds it with --data.")
    config = Config(checks={name: Rule(severity="off") for name in asked.without})
    texts, options, seen = {}, {}, []
    for code in asked.languages:
        texts[code], one = measure(code, asked, config)
        options[code] = measure_options(code, asked, config)
        seen += one
    zulu = triple(asked.data, config)
    print(report.whole(asked, texts, options, zulu))
    if asked.misses:
        show(seen, zulu, asked.misses, asked.each)
    if asked.json:
        found = {"part": asked.part, "texts": texts, "options": options, "zulu": zulu}
        asked.json.write_text(json.dumps(found, ensure_ascii=False, indent=1, default=Counts.plain) + "\n", "utf-8")


if __name__ == "__main__":
    main()
