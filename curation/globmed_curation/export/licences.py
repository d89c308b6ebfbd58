"""What the sources' licences allow: read, compared, and refused where they may not stand together.

    >>> classify("built on Antidote CasiMedicos, CC BY 4.0").classes
    ('attribution',)
    >>> judge({"a": ["CC BY-SA 4.0"], "b": ["MIT"]}).conflicts[0].sets
    ('a', 'b')

The table is licences.toml. A statement in which no known licence is found is `unknown`; one that names a licence and also
says "unknown" is unknown too; nothing is guessed. This is a help for people who decide, and no legal advice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import regex

from globmed_tools import catalog
from globmed_tools.errors import GlobmedError, suggest

NOTICE = "This is an automatic reading of what the sources state. It is no legal advice."
UNKNOWN, CREDENTIALED, NO_DERIVATIVES = "unknown", "credentialed", "no-derivatives"
_SAYS_UNKNOWN = regex.compile(r"\b(?:unknown|unclear|not stated|unspecified)\b", regex.I)
_VERSION = regex.compile(r"[\s-]*v?(\d\.\d)\b")


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement as it was read. classes: strictest first; ids: of the hub's list, in the table's order."""

    text: str
    names: tuple[str, ...]
    ids: tuple[str, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetLicence:
    """All that is stated for one set."""

    set: str
    stated: tuple[Stated, ...]
    origin: str
    classes: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sets that may not stand under one licence."""

    classes: tuple[str, str]
    sets: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found for all sets together. licence: the hub's identifier for the whole ("other" where there are several);
    strictest: the class that holds for the whole where there is no conflict."""

    sets: tuple[SetLicence, ...]
    conflicts: tuple[Conflict, ...]
    licence: str
    strictest: str

    def of_class(self, name: str) -> list[str]:
        """The sets with a statement of this class."""
        return [one.set for one in self.sets if name in one.classes]


@cache
def table() -> dict[str, Any]:
    """licences.toml, with its patterns compiled."""
    found = tomllib.loads(Path(__file__).with_name("licences.toml").read_text("utf-8"))
    for one in found["licence"]:
        one["pattern"] = regex.compile(one["pattern"], regex.I)
    return found


def classes() -> list[str]:
    """The names of the classes, most permissive first."""
    return list(table()["class"])


def _strictest_first(found: Iterable[str]) -> tuple[str, ...]:
    order = classes()
    return tuple(sorted(set(found), key=order.index, reverse=True))


@cache
def classify(text: str) -> Stated:
    """What one statement of a licence says."""
    rest, names, ids, found = text, [], [], set()
    for one in table()["licence"]:
        match = one["pattern"].search(rest)
        if match is None:
            continue
        version = _VERSION.match(rest, match.end())
        names.append(one["name"] if version is None or version[1] in one["name"] else f"{one['name']} {version[1]}")
        ids.append(_with_version(one["id"], version))
        found.update({one["class"], one.get("also", one["class"])})
        rest = one["pattern"].sub(" ", rest)
    if not names or (_SAYS_UNKNOWN.search(rest) and CREDENTIALED not in found):
        names, ids, found = [*names, UNKNOWN], ["unknown"], {*found, UNKNOWN}
    return Stated(text, tuple(names), tuple(dict.fromkeys(ids)), _strictest_first(found))


def _with_version(name: str, version) -> str:
    """cc-by -> cc-by-4.0 where the statement says 4.0, else `cc`, the hub's word for the family."""
    if not name.startswith("cc-"):
        return name
    return f"{name}-{version[1]}" if version else "cc"


def judge(stated: Mapping[str, Iterable[str]]) -> Judgement:
    """Compare the licences of several sets: {set: what its entries state}.

    A set that the catalog calls credentialed is credentialed, whatever its entries state.
    """
    sets = tuple(_of_set(name, texts) for name, texts in sorted(stated.items()))
    ids = {one for entry in sets for one in entry.ids}
    found = _strictest_first(one for entry in sets for one in entry.classes)
    return Judgement(
        sets=sets,
        conflicts=tuple(_conflicts([(one.set, part) for one in sets for part in one.stated])),
        licence=ids.pop() if len(ids) == 1 else "other",
        strictest=found[0] if found else UNKNOWN,
    )


def _of_set(name: str, texts: Iterable[str]) -> SetLicence:
    stated = [classify(text) for text in sorted(set(texts))]
    known = catalog.table().get(name)
    if known and CREDENTIALED in classify(f"{known.licence}; {known.origin}").classes:
        if not any(CREDENTIALED in one.classes for one in stated):
            stated.append(classify(known.licence))
    return SetLicence(
        set=name,
        stated=tuple(stated),
        origin=known.origin if known else "",
        classes=_strictest_first(one for entry in stated for one in entry.classes),
        ids=tuple(dict.fromkeys(one for entry in stated for one in entry.ids)),
    )


def _conflicts(stated: list[tuple[str, Stated]]) -> Iterator[Conflict]:
    for rule in table()["conflict"]:
        pair = tuple(rule["pair"])
        concerned: set[str] = set()
        for (name, one), (other_name, other) in combinations(stated, 2):
            if one.names != other.names and (_clash(one, other, pair) or _clash(other, one, pair)):
                concerned |= {name, other_name}
        if concerned:
            yield Conflict(pair, tuple(sorted(concerned)), rule["why"])


def _clash(one: Stated, other: Stated, pair: tuple[str, ...]) -> bool:
    return pair[0] in one.classes and (pair[1] == "*" or pair[1] in other.classes)


def refuse(found: Judgement, *, allow: Iterable[str] = (), mix: bool = False, changed: Iterable[str] = ()) -> None:
    """GlobmedError where these sets may not be exported together.

    allow: classes for which leave was given; mix: conflicts are accepted, each set keeps its own licence; changed: the sets
    that hold translations (no-derivatives forbids only those).
    """
    given = check_classes(allow)
    for name, facts in table()["class"].items():
        sets = found.of_class(name)
        if name == NO_DERIVATIVES:
            sets = [one for one in sets if one in set(changed)]
        if facts.get("needs_leave") and sets and name not in given:
            raise GlobmedError(
                f"licence {name} ({facts['asks']}): {_stated(found, sets)}. Leave out "
                f"{'these sets' if len(sets) > 1 else 'this set'}, or say --allow-licence {name} if you may. {NOTICE}"
            )
    open_ = [one for one in found.conflicts if one.classes[0] not in given]
    if open_ and not mix:
        first = open_[0]
        pair = " with ".join(part for part in first.classes if part != "*") or first.classes[0]
        raise GlobmedError(
            f"licences that may not stand under one: {pair} ({first.why}): {_stated(found, first.sets)}. Export them into "
            f"folders of their own with --set, or say --mix: then each set keeps its own licence. {NOTICE}"
        )


def _stated(found: Judgement, sets: Iterable[str]) -> str:
    wanted = set(sets)
    texts = {one.set: "; ".join(part.text for part in one.stated) for one in found.sets if one.set in wanted}
    return ", ".join(f"{name} ({text})" for name, text in texts.items())


def check_classes(names: Iterable[str]) -> set[str]:
    """The classes named; GlobmedError for one that is not in the table."""
    names = set(names)
    for name in sorted(names):
        if name not in classes():
            hint = suggest(name, classes())
            raise GlobmedError(f"unknown class of licences {name!r}{hint} Known: {', '.join(classes())}.")
    return names


def forbids_push(found: Judgement) -> list[str]:
    """The sets that are never uploaded."""
    return sorted(
        {one for name, facts in table()["class"].items() if facts.get("never_pushed") for one in found.of_class(name)}
    )


def report(found: Judgement, *, allow: Iterable[str], mix: bool) -> dict[str, Any]:
    """The whole report, JSON-ready."""
    return {
        "notice": NOTICE,
        "licence": found.licence,
        "strictest": found.strictest,
        "allowed": sorted(allow),
        "mix": mix,
        "sets": [asdict(one) for one in found.sets],
        "conflicts": [asdict(one) for one in found.conflicts],
        "classes": {name: dict(asks=facts["asks"]) for name, facts in table()["class"].items()},
        "may_not_mix": [dict(pair=rule["pair"], why=rule["why"]) for rule in table()["conflict"]],
    }
