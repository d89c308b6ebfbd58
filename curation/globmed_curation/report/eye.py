"""What needs a person's eye first: the few facts of a run that ought to be known before its numbers are used.

    remarks(figures)[0]      # {"level": "stop", "text": "42 entries are marked pseudo-text, not translations ...", "to": "sets"}

Levels: stop (do not use it so), look (may be a fault) and know (true of this run, no fault). The limits stand below.
"""

from __future__ import annotations

from typing import Any

from globmed_tools import languages

from ..translate import PSEUDO, is_pseudo
from .folders import UNKNOWN

#: A stage and language that lost more than this share is named; so is a language that kept less than this share of the most.
LOST, BEHIND = 0.2, 0.9
#: A median length ratio may differ from what is usual by this factor; letters of foreign scripts, and Latin letters in a
#: language of another script, may have these shares.
RATIO, FOREIGN, LATIN = 1.25, 0.005, 0.25
#: At most this many remarks of one kind; the rest is counted.
MOST = 5


def named(code: str) -> str:
    """ "Swahili (sw)", or what is said of items without a language."""
    known = languages.find(code) if code != UNKNOWN else None
    return f"{known.name} ({code})" if known else "language not known" if code == UNKNOWN else code


def remarks(figures: dict[str, Any]) -> list[dict[str, str]]:
    """All remarks, gravest first."""
    found = [
        *_unfinished(figures),
        *_pseudo(figures),
        *_reviews(figures),
        *_missing(figures),
        *_losses(figures),
        *_behind(figures),
        *_flags(figures),
        *_ratios(figures),
        *_scripts(figures),
        *_alone(figures),
    ]
    return sorted(found, key=lambda one: ("stop", "look", "know").index(one["level"]))


def _remark(level: str, text: str, to: str) -> dict[str, str]:
    return {"level": level, "text": text, "to": to}


def _few(found: list[dict[str, str]], what: str) -> list[dict[str, str]]:
    if len(found) <= MOST:
        return found
    last = found[MOST - 1]
    return [*found[: MOST - 1], {**last, "text": f"{len(found) - MOST + 1} more {what}: see there."}]


def _unfinished(figures):
    if not figures["complete"]:
        done = {stage["stage"] for stage in figures["stages"]}
        todo = [name for name in figures["planned"] if name not in done]
        rest = f" Still to come: {', '.join(todo)}." if todo else ""
        yield _remark(
            "stop", f"This run is not complete; the figures are those of its finished stages.{rest}", "stages"
        )


def _pseudo(figures):
    by = figures["entries"]["translators"]
    count = sum(n for part in by.values() for name, n in part.items() if is_pseudo(name))
    if count:
        codes = [code for code, part in by.items() if any(map(is_pseudo, part))]
        yield _remark(
            "stop",
            f"{count:,} entries ({', '.join(codes)}) are NOT translations: the stand-in `{PSEUDO}` respelled the source so "
            "that later stages have work. Nobody may train on it, evaluate with it or read it as medicine.",
            "sets",
        )
    planted = sum(stage["settings"].get("faults") or 0 for stage in figures["stages"] if stage["stage"] == "translate")
    if planted:
        yield _remark(
            "know", f"{100 * planted:.3g} % of these pseudo-texts got one planted fault for the checks to find.", "made"
        )


def _reviews(figures):
    reviewed = sum(figures["entries"]["reviewed"].values())
    made = sum(n for part in figures["entries"]["translators"].values() for n in part.values())
    total = figures["total"]
    if not reviewed:
        yield _remark(
            "look" if made else "know",
            f"None of the {total:,} kept entries carries a review by clinicians or native speakers"
            + (f"; {made:,} of them were made by machine translation or are said to be." if made else "."),
            "sets",
        )
    elif reviewed < total:
        yield _remark("know", f"{reviewed:,} of {total:,} kept entries carry a review; the others carry none.", "sets")


def _missing(figures):
    if figures["missing"]:
        yield _remark("know", f"Sets whose files were not there, so left out: {', '.join(figures['missing'])}.", "made")
    if figures["limit"]:
        yield _remark(
            "know", f"A sample: at most {figures['limit']:,} items a set, language and split were read.", "made"
        )
    kept = {code for part in figures["entries"]["sets"].values() for code in part}
    without = [code for code in figures["languages"] if code not in kept]
    translates = any(stage["stage"] == "translate" for stage in figures["stages"])
    if without and (translates or not figures["complete"]):
        yield _remark("look", f"No entry at all in {', '.join(map(named, without))}.", "sets")


def _losses(figures):
    found = []
    for stage in figures["stages"]:
        for code, part in stage["languages"].items():
            came = part["kept"] + part["dropped"]
            if part["dropped"] and part["dropped"] / came > LOST:
                reasons = sorted(((by.get(code, 0), name) for name, by in stage["reasons"].items()), reverse=True)
                text = (
                    f"{stage['stage']} dropped {100 * part['dropped'] / came:.0f} % of {named(code)} ({part['dropped']:,} of "
                    f"{came:,}), most of them for {reasons[0][1]} ({reasons[0][0]:,})."
                )
                found.append((-part["dropped"] / came, _remark("look", text, stage["slug"])))
    return _few([one for _, one in sorted(found, key=lambda item: item[0])], "such losses")


def _behind(figures):
    """Languages in which a set kept clearly fewer entries than in the language where it kept most."""
    found = []
    for name, part in figures["entries"]["sets"].items():
        counts = {code: sum(splits.values()) for code, splits in part.items()}
        most = max(counts.values())
        for code, count in counts.items():
            if count < BEHIND * most and figures["translates"]:
                text = f"{name} has {count:,} entries in {named(code)}, {most:,} in the language with most."
                found.append((count / most, _remark("look", text, "sets")))
    return _few([one for _, one in sorted(found, key=lambda item: item[0])], "sets that are smaller in some language")


def _flags(figures):
    total = {check: sum(counts.values()) for check, counts in figures["flags"].items()}
    if total:
        told = ", ".join(f"{check} {count:,}" for check, count in sorted(total.items(), key=lambda item: -item[1]))
        yield _remark("look", f"Kept, but flagged for review by a check: {told}.", "checks")


def _ratios(figures):
    found = []
    for row in figures["ratios"]:
        off = row["p50"] / row["usual"] if row["usual"] else 1
        if not 1 / RATIO <= off <= RATIO:
            text = (
                f"Texts in {named(row['language'])} are {row['p50']:.2f} times as long as their sources in "
                f"{named(row['source'])} (median); {row['usual']:.2f} is usual."
            )
            found.append(_remark("look", text, "lengths"))
    return _few(found, "unusual ratios of length")


def _scripts(figures):
    found = []
    for code, row in figures["scripts"].items():
        for name, letters in row["odd"].items():
            share = row["scripts"][name] / row["letters"]
            if name != "Greek" and share > (LATIN if name == "Latin" else FOREIGN):
                text = f"{100 * share:.1f} % of the letters in {named(code)} are {name} ({' '.join(letters)})."
                found.append(_remark("look", text, "scripts"))
    entries = {code: row["odd_entries"] for code, row in figures["scripts"].items() if row["odd_entries"]}
    if entries:
        told = ", ".join(f"{code} {count:,}" for code, count in entries.items())
        text = f"Entries with some letters of a script that belongs neither to the language nor to medicine: {told}."
        found.append(_remark("look", text, "scripts"))
    return _few(found, "odd scripts")


def _alone(figures):
    alone = figures["entries"]["without_source"]
    if alone:
        told = ", ".join(f"{code} {count:,}" for code, count in alone.items())
        yield _remark("look", f"Translations whose source entry was dropped or is not there: {told}.", "sets")
