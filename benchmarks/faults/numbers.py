"""Faults in numbers: "14" -> "41", "5 million" -> "5 billion", "two" -> "seven", two numbers exchanged.

A number is a run of decimal digits in any script, with what groups them ("1,000", "2.5"). Digits in names that stand
the same way in the source ("COVID-19") are left alone, but for the one fault that is made for them.
"""

from __future__ import annotations

from random import Random

import regex

from . import Planted, Text, compiled, fault, words

NUMBER = regex.compile(r"\d+(?:[.,\u066b\u066c'’\u00a0\u202f]\d+)*")
#: Scripts in which a word goes on without a space.
UNSPACED = regex.compile(r"[\p{Han}\p{Hangul}\p{Katakana}\p{Hiragana}\p{Bengali}]")
_NAME = regex.compile(r"[A-Za-z][\w]*(?:-[\w]+)*-?\d[\w-]*|\d+[A-Za-z]{2,}[\w-]*")


def value(digits: str) -> str:
    """A number's digits as ASCII, without what groups them: "1,000" and "١٬٠٠٠" -> "1000"."""
    return "".join(str(int(char)) for char in digits if char.isdigit())


def spans(text: Text) -> list[regex.Match]:
    """The numbers of the translation that are not part of a name of the source."""
    names = [(m.start(), m.end()) for name in set(_NAME.findall(text.source)) for m in _find(name, text.translation)]
    return [
        m
        for m in NUMBER.finditer(text.translation)
        if not any(start <= m.start() < end for start, end in names) and len(m[0]) < 15
    ]


def _find(name: str, translation: str):
    return regex.finditer(regex.escape(name), translation)


def _put(text: Text, match: regex.Match, new: str) -> Planted:
    line = text.translation
    return Planted(text.source, line[: match.start()] + new + line[match.end() :], f"{match[0]} -> {new}")


def _digit(like: str, number: int) -> str:
    """The digit of the same script."""
    return chr(ord(like) - int(like) + number)


def _change_one(number: str, random: Random) -> str:
    place = random.choice([i for i, char in enumerate(number) if char.isdigit()])
    lowest = 1 if place == 0 else 0
    new = random.choice([n for n in range(lowest, 10) if n != int(number[place])])
    return number[:place] + _digit(number[place], new) + number[place + 1 :]


@fault("number changed", goal=0.98, checks=("numbers", "doses", "dates", "units"))
def number_changed(text: Text, random: Random) -> Planted | None:
    """One digit of one number becomes another: 1,250 -> 1,750."""
    found = spans(text)
    if not found:
        return None
    match = random.choice(found)
    return _put(text, match, _change_one(match[0], random))


@fault("digits transposed", goal=0.98, checks=("numbers", "doses", "dates", "units"))
def digits_transposed(text: Text, random: Random) -> Planted | None:
    """Two neighbouring digits change places: 125 -> 152."""
    choices = []
    for match in spans(text):
        number = match[0]
        for i in range(len(number) - 1):
            left, right = number[i : i + 2]
            if left.isdigit() and right.isdigit() and left != right and not (i == 0 and int(right) == 0):
                choices.append((match, number[:i] + right + left + number[i + 2 :]))
    return _put(text, *random.choice(choices)) if choices else None


@fault("ten times as much", goal=0.98, checks=("numbers", "doses", "dates", "units"))
def tenfold(text: Text, random: Random) -> Planted | None:
    """A zero is added to a whole number, or the point is lost: 5 -> 50, 2.5 -> 25."""
    found = [m for m in spans(text) if value(m[0]).strip("0")]
    if not found:
        return None
    match = random.choice(found)
    number = match[0]
    if number.isdigit():
        return _put(text, match, number + _digit(number[-1], 0))
    parts = regex.split(r"\D", number)
    if len(parts) == 2 and len(parts[1]) in (1, 2):
        return _put(text, match, (parts[0] + parts[1]).lstrip("0٠०০"))
    return None


@fault("number in a name changed", checks=("numbers", "doses", "untranslated", "glossary"))
def name_changed(text: Text, random: Random) -> Planted | None:
    """COVID-19 -> COVID-18: digits in a name that stands in both."""
    names = sorted({n for n in _NAME.findall(text.source) if n in text.translation})
    if not names:
        return None
    name = random.choice(names)
    digits = list(regex.finditer(r"\d+", name))
    match = random.choice(digits)
    new = name[: match.start()] + _change_one(match[0], random) + name[match.end() :]
    return Planted(text.source, text.translation.replace(name, new, 1), f"{name} -> {new}")


@fault("number word changed", checks=("numbers", "doses", "dates", "units"))
def number_word_changed(text: Text, random: Random) -> Planted | None:
    """dos -> siete, where the source has the same number in words or digits."""
    row, english = words(text.language), words("en")["numbers"]
    table, choices = row.get("numbers", {}), []
    around = row.get("number_pattern", r"(?<![\w\p{M}-])({})(?![\w\p{M}-])")
    for number, forms in table.items():
        if not compiled(rf"(?i)(?<![\w.,-])(?:{english[number]}|{number})(?![\w.,]*\d)(?!\w)").search(text.source):
            continue
        for place, form in enumerate(forms):
            pattern = compiled(around.replace("{}", form), regex.I)
            others = [f[min(place, len(f) - 1)] for n, f in table.items() if n != number]
            choices += [(m, random.choice(others)) for m in pattern.finditer(text.translation)]
    return _put(text, *random.choice(choices)) if choices else None


@fault("magnitude changed", goal=0.98, checks=("numbers",))
def magnitude_changed(text: Text, random: Random) -> Planted | None:
    """5 million -> 5 billion, 3万 -> 3亿: the word behind digits becomes the next larger or smaller one."""
    row, choices = words(text.language).get("magnitudes", []), []
    for place, word in enumerate(row):
        near = [row[i] for i in (place - 1, place + 1) if 0 <= i < len(row)]
        end = "" if UNSPACED.match(word) else r"(?![\p{L}\p{M}])"
        pattern = compiled(rf"(?<=\d\s?){regex.escape(word)}{end}")
        choices += [(m, random.choice(near)) for m in pattern.finditer(text.translation)]
        if words(text.language).get("unit_place") == "before":
            pattern = compiled(rf"{regex.escape(word)}(?=\s(?:\p{{L}}+-)?\d)")
            choices += [(m, random.choice(near)) for m in pattern.finditer(text.translation)]
    return _put(text, *random.choice(choices)) if choices else None
