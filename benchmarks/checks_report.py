"""The counts of checks.py as Markdown tables, and which goals are reached."""

from __future__ import annotations

import argparse

from faults import FAULTS, words
from faults.measure import READERS, Counts
from faults.options import OPTION_FAULTS
from tables import markdown

#: The goal of false alarms, where words.toml has no other for a language.
FALSE_ALARMS = 0.02
#: Below this many texts a share says little.
FEW = 30


def share(part: int, whole: int, digits: int = 1) -> str:
    return f"{100 * part / whole:.{digits}f}" if whole else "-"


def summed(parts) -> Counts:
    """The sum over languages."""
    total = Counts()
    for part in parts:
        for name in ("tried", "owed", "caught", "meant"):
            setattr(total, name, getattr(total, name) + getattr(part, name))
        total.checks.update(part.checks)
        for name in READERS:
            for place in (0, 1):
                total.baselines[name][place] += part.baselines[name][place]
    return total


def clean(texts: dict[str, dict[str, Counts]], kind: str) -> str:
    """False alarms: language x check, per cent of clean texts."""
    row_of = {code: part[f"clean/{kind}"] for code, part in texts.items()}
    row_of["all"] = summed(row_of.values())
    checks = sorted(row_of["all"].checks, key=lambda name: -row_of["all"].checks[name])
    head = ["language", "texts", "any check", "numbers, units, language", *checks, "digits alone", "length alone"]
    rows = []
    for code, one in row_of.items():
        line = [code, f"{one.tried:,}", share(one.caught, one.tried), share(one.meant, one.tried)]
        line += [share(one.checks[name], one.tried) for name in checks]
        rows.append(line + [share(one.baselines[name][1], one.tried) for name in READERS])
    return markdown(head, rows)


def recall(texts: dict[str, dict[str, Counts]]) -> str:
    """Fault x language: per cent caught; then over all languages, by a check made for it, and the baselines."""
    codes = list(texts)
    head = ["fault", *codes, "all", "by its check", "digits alone", "length alone"]
    rows = []
    for fault, kind in rows_of(texts):
        parts = [texts[code][f"{fault}/{kind}"] for code in codes]
        total = summed(parts)
        line = [label(fault, kind), *(share(one.caught, one.owed) for one in parts), share(total.caught, total.owed)]
        line.append(share(total.meant, total.owed))
        rows.append(line + [share(caught, owed) for owed, caught in total.baselines.values()])
    return markdown(head, rows)


def sizes(texts: dict[str, dict[str, Counts]]) -> str:
    """Fault x language: texts that recall is taken over."""
    codes = list(texts)
    rows = []
    for fault, kind in rows_of(texts):
        parts = [texts[code][f"{fault}/{kind}"] for code in codes]
        rows.append([label(fault, kind), *(str(one.owed) for one in parts), str(sum(one.owed for one in parts))])
    return markdown(["fault", *codes, "all"], rows)


def rows_of(texts: dict[str, dict[str, Counts]]) -> list[tuple[str, str]]:
    names = next(iter(texts.values()))
    return [(fault.name, kind) for fault in FAULTS.values() for kind in fault.where if f"{fault.name}/{kind}" in names]


def label(fault: str, kind: str) -> str:
    return f"{fault} (joined)" if kind == "joined" else fault


def goals(texts: dict[str, dict[str, Counts]]) -> str:
    """Each goal and the languages that reach it, do not, or have too few texts to say."""
    rows = []
    for fault, kind in rows_of(texts):
        goal = FAULTS[fault].goal
        if goal is not None:
            state = {code: _state(part[f"{fault}/{kind}"], goal) for code, part in texts.items()}
            rows.append([f"recall, {label(fault, kind)}", f">= {goal}", *_three(state)])
    for what, name in (("checks of numbers, units and language", "meant"), ("all checks", "caught")):
        state = {code: _false_alarms(code, part["clean/single"], name) for code, part in texts.items()}
        rows.append([f"false alarms on clean sentences, {what}", "<= 2 % (fr, zh 4 %)", *_three(state)])
    state = {code: _language_alarms(part["clean, unseen/single"]) for code, part in texts.items()}
    what = "false alarms of the language check alone, in documents that its model was not trained on"
    rows.append([what, "<= 2 %", *_three(state)])
    return markdown(["goal", "wanted", "reached", "not reached", f"fewer than {FEW} texts"], rows)


def _state(one: Counts, goal: float) -> tuple[str, str]:
    reached = one.caught >= goal * one.owed
    return ("few" if one.owed < FEW else "yes" if reached else "no"), share(one.caught, one.owed)


def _false_alarms(code: str, one: Counts, name: str) -> tuple[str, str]:
    alarms, wanted = getattr(one, name), words(code).get("false_alarms", FALSE_ALARMS)
    return ("yes" if alarms <= wanted * one.tried else "no"), share(alarms, one.tried)


def _language_alarms(one: Counts) -> tuple[str, str]:
    alarms = one.checks["language"]
    return ("yes" if alarms <= FALSE_ALARMS * one.tried else "no"), share(alarms, one.tried)


def _three(state: dict[str, tuple[str, str]]) -> list[str]:
    found = []
    for wanted in ("yes", "no", "few"):
        found.append(" ".join(f"{code} {value}" for code, (kind, value) in state.items() if kind == wanted) or "-")
    return found


def options(found: dict[str, dict[str, dict[str, Counts]]]) -> str:
    """Faults in multiple choice: corpus and language x fault, per cent caught, and the share of clean items found fault with."""
    head = ["items", "clean items", "found fault with", *OPTION_FAULTS]
    rows, own = [], [part["sample"] for part in found.values()]
    for code, part in found.items():
        rows += [_items(f"{corpus}, {code}", counts) for corpus, counts in part.items()]
    rows.append(_items("sample, all", {name: summed(one[name] for one in own) for name in own[0]}))
    return markdown(head, rows)


def _items(name: str, counts: dict[str, Counts]) -> list[str]:
    clean = counts["clean"]
    line = [name, str(clean.tried), share(clean.caught, clean.tried)]
    return line + [share(counts[fault].caught, counts[fault].owed) for fault in OPTION_FAULTS]


def zulu(found: dict[str, dict]) -> str:
    """What the checks say of the three Zulu versions, per cent of items, by check."""
    checks = sorted({name for part in found.values() for name in part["checks"]})
    fewer = "caught by those that fit English beside English"
    rows = []
    for version, part in found.items():
        line = [version, str(part["items"]), share(part["caught"], part["items"]), share(part[fewer], part["items"])]
        rows.append(line + [share(part["checks"][name], part["items"]) for name in checks])
    return markdown(["version", "items", "any check", "any that fits English too", *checks], rows)


def whole(asked: argparse.Namespace, texts, found_options, triple) -> str:
    """Everything, as it goes into README.md."""
    left_out = f"; without {', '.join(asked.without)}" if asked.without else ""
    size = (
        "every text" if asked.all else f"at most {asked.limit} texts a language and fault, {5 * asked.limit} clean ones"
    )
    parts = [f"part: {asked.part}; {size}{left_out}"]
    for kind, name in (("single", "sentences"), ("joined", "two or three joined sentences")):
        parts += [f"False alarms, per cent of clean {name}:", clean(texts, kind)]
    parts += ["Recall, per cent of the faults planted in texts whose clean form passed:", recall(texts)]
    parts += ["Texts that recall is taken over:", sizes(texts), "Goals:", goals(texts)]
    parts += ["Multiple choice, per cent:", options(found_options)]
    parts += ["Zulu versions of MMLU's clinical sections, per cent of items:", zulu(triple)]
    return "\n\n".join(parts)
