"""Which language is a text in? Our small model beside pycld2, lingua and any fastText model that is named.

Everybody gets the same texts in the same run: documents, domains and languages that our model was never trained on (what the
peers were trained on is not known). Peers are asked for their best answer among all languages they know; lingua, which
answers always, is built once from all its languages and once from ours alone ("lingua, 17"). A code that is none of ours is
no error for a text in none of ours. zu against xh counts for those that have both. Texts a second are the first 40 characters
of SPEED texts, one process, CPU time; the time to load a model is not counted.

A peer that is not installed is left out with a line that says so. pycld2 and lingua go into an environment of their own:

    python -m venv peers && peers/bin/pip install -e '.[curate]' pycld2 lingua-language-detector
    peers/bin/python benchmarks/language_id.py --data DIR
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from globmed_curation.lid import UNKNOWN, load
from globmed_curation.lid.evaluate import PARTS, evaluate, read, select
from tables import markdown

from globmed_tools import languages
from globmed_tools.errors import GlobmedError

SPEED = 5_000
EXAMPLES = """examples:
  python benchmarks/language_id.py --data ../shared/data
  python benchmarks/language_id.py --data ../shared/data --lid-model lid.176.ftz --lid-model glotlid.bin
  python benchmarks/language_id.py --data ../shared/data --every 8 --json language_id.json
"""
Identify = Callable[[list[str]], Sequence[tuple[str, float]]]


def code_of(name: str) -> str:
    """A peer's ISO code as our evaluation writes it: ours where we have it, Xhosa by its label, else as it is."""
    found = languages.find(name)
    if found is not None and name.lower() != "zh-hant":
        return found.code
    return "xho_Latn" if name in ("xh", "xho") else name


def pycld2() -> Identify:
    import pycld2

    def identify(texts: list[str]) -> list[tuple[str, float]]:
        found = []
        for text in texts:
            try:
                _, _, details = pycld2.detect(text, bestEffort=True)
            except pycld2.error:  # bytes that it takes for broken UTF-8
                found.append((UNKNOWN, 0.0))
                continue
            code = details[0][1]
            found.append((UNKNOWN if code == "un" else code_of(code), details[0][2] / 100))
        return found

    return identify


def lingua(only_ours: bool) -> Identify:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    if only_ours:
        codes = [getattr(IsoCode639_1, code.upper(), None) for code in [*languages.table(), "xh"]]
        builder = LanguageDetectorBuilder.from_iso_codes_639_1(*[code for code in codes if code is not None])
    else:
        builder = LanguageDetectorBuilder.from_all_languages()
    detector = builder.with_preloaded_language_models().build()

    def identify(texts: list[str]) -> list[tuple[str, float]]:
        found = (detector.detect_language_of(text) for text in texts)
        return [(code_of(one.iso_code_639_1.name.lower()) if one else UNKNOWN, 0.0) for one in found]

    return identify


def contestants(models: list[str]) -> dict[str, Callable[[], Identify]]:
    """name -> what makes its identifier."""
    made: dict[str, Callable[[], Identify]] = {
        "ours": lambda: load("").identify,
        "pycld2": pycld2,
        "lingua": lambda: lingua(False),
        "lingua, 17": lambda: lingua(True),
    }
    for path in models:
        made[Path(path).name] = lambda path=path: load(path).identify
    return made


def rate(identify: Identify, texts: list[str]) -> float:
    """Texts a second of CPU time."""
    identify(texts[:20])
    start = time.process_time()
    identify(texts)
    return len(texts) / (time.process_time() - start)


def measure(asked: argparse.Namespace) -> dict[str, dict]:
    """name -> figures of `evaluate`, with "rate" beside them."""
    texts = read(asked.data)
    texts = texts[:: asked.every]
    short = [given for _, given in select(texts, PARTS[1])][:SPEED]
    found = {}
    for name, make in contestants(asked.lid_model).items():
        try:
            identify = make()
        except ImportError as error:
            say(f"{name}: left out, {error.name} is not installed (pip install {error.name})")
            continue
        say(f"{name}: {len(texts):,} texts")
        found[name] = {**evaluate(texts, identify), "rate": rate(identify, short)}
    return found


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def rows(found: dict[str, dict]) -> list[list[str]]:
    """One row a figure, one column a contestant; rates also as a ratio to ours."""
    lines = []
    for part in PARTS:
        for name, label in (
            ("macro_f1", "macro F1 of the twelve"),
            ("macro_f1_of_17", "macro F1 of the seventeen"),
            ("zu_xh", "zu and xh, macro F1"),
            ("rejected", "true texts rejected, %"),
            ("strangers_taken", "strangers taken for ours, %"),
        ):
            values = [one[part][name] for one in found.values()]
            shown = [f"{value:.4f}" if "F1" in label else f"{100 * value:.1f}" for value in values]
            lines.append([f"{part}: {label}", *shown])
    lines.append(["texts a second, one core", *(f"{one['rate']:,.0f}" for one in found.values())])
    ours = found["ours"]["rate"]
    lines.append(["the same, ours = 1", *(f"{one['rate'] / ours:.3f}" for one in found.values())])
    return lines


def by_language(found: dict[str, dict]) -> list[list[str]]:
    """F1 of each language at 40 characters."""
    codes = list(languages.table())
    return [[code, *(f"{one[PARTS[1]]['by_language'][code]:.3f}" for one in found.values())] for code in codes]


def packages() -> str:
    names = []
    for name in ("globmed", "fasttext-predict", "pycld2", "lingua-language-detector"):
        try:
            names.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            pass
    return ", ".join([f"python {sys.version.split()[0]}", *names])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder with the files of lid/corpus.toml")
    parser.add_argument("--lid-model", action="append", default=[], help="a fastText model to measure too (repeatable)")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every Nth text only: lingua takes long")
    parser.add_argument("--json", type=Path, help="write all figures here")
    asked = parser.parse_args()
    try:
        found = measure(asked)
    except GlobmedError as error:
        raise SystemExit(f"language_id.py: {error}") from None
    if asked.json:
        asked.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    print(packages(), "\n")
    print(markdown(["", *found], rows(found)), "\n")
    print(markdown(["F1 at 40 characters", *found], by_language(found)))


if __name__ == "__main__":
    main()
