"""Units: symbols that every language shares, and words from the language table, under one English name each.

    >>> unit_beside("dosis de 5 mg diarios", number, get("es"))
    ('milligram', 9, 13)

Symbols are matched as they are written (mg, Mg and MG mean milligram to a pharmacist, mM does not mean mm).
"""

from __future__ import annotations

import re
from functools import cache

from globmed_tools.languages import Language, get

from .digits import Number
from .lexicon import lexicon
from .number_words import rest_ends

#: name -> symbols. µ (U+00B5) and μ (U+03BC) look alike.
SYMBOLS = {
    "percent": "% ٪ ％ ﹪",
    "permille": "‰",
    "picogram": "pg",
    "nanogram": "ng",
    "microgram": "µg μg ug mcg",
    "milligram": "mg MG",
    "gram": "g gm gr grs",
    "kilogram": "kg Kg KG kgs kgr kgrs",
    "pound": "lb lbs",
    "ounce": "oz",
    "microlitre": "µL μL µl μl uL",
    "millilitre": "mL ml ML cc",
    "decilitre": "dL dl",
    "litre": "L l ℓ",
    "nanometre": "nm",
    "micrometre": "µm μm um",
    "millimetre": "mm mms",
    "centimetre": "cm cms",
    "metre": "m",
    "kilometre": "km",
    "foot": "ft",
    "mile": "mi",
    "square metre": "m² m2",
    "cubic millimetre": "mm³ mm3",
    "cubic metre": "m³ m3",
    "cubic centimetre": "cm³ cm3",
    "celsius": "°C ℃ ºC",
    "fahrenheit": "°F ℉ ºF",
    "degree": "° º",
    "mph": "mph",
    "kmh": "km/h kph kmh km/u",
    "mmhg": "mmHg mmhg",
    "kilopascal": "kPa",
    "mole": "mol",
    "millimole": "mmol",
    "micromole": "µmol μmol umol",
    "nanomole": "nmol",
    "picomole": "pmol",
    "millimolar": "mM",
    "micromolar": "µM μM",
    "nanomolar": "nM",
    "milliequivalent": "mEq meq",
    "milliosmole": "mOsm",
    "unit": "IU UI U IE",
    "bpm": "bpm lpm",
    "kilocalorie": "kcal",
    "kilojoule": "kJ",
    "hertz": "Hz",
    "gray": "Gy",
    "kilobase": "kb",
    "millisecond": "ms",
    "second": "s",
    "minute": "min",
    "hour": "h hr",
    "day": "d",
}
#: Units whose loss or change is never a matter of style; a dose hangs on them.
HARD = frozenset(SYMBOLS) - frozenset(
    "bpm day hour minute second degree metre inch foot mile kmh mph pound ounce".split()
)

_BY_SYMBOL = {symbol: name for name, symbols in SYMBOLS.items() for symbol in symbols.split()}
_SYMBOL = re.compile(
    r"[ \u00a0\u202f\u2009‑-]?(?:([°º] ?[CF](?![A-Za-z])|[%٪％﹪‰°º℃℉])|("
    + "|".join(sorted((re.escape(one) for one in _BY_SYMBOL if one[0].isalpha()), key=len, reverse=True))
    + r")(?![A-Za-z\u00c0-\u024f\u0300-\u03ff\u1e00-\u1eff\d²³]|['’]\w|\.[A-Za-z]|-[A-Za-z]{2}))"
)
_AFTER = re.compile(r"(?:st|nd|rd|th|e|er|ème|[ºª])?[\s\-‑]{0,2}")


@cache
def _words(code: str) -> tuple[dict[str, list[tuple[tuple[str, ...], str]]], re.Pattern | None, dict[str, str]]:
    """first token -> (further tokens, unit), longest first; for languages without spaces a pattern instead."""
    own = lexicon(code)
    forms = [(form, unit) for unit, row in get(code).units.items() for form in row.split()]
    forms += [(form, "") for form in get(code).numbers.get("no_units", "").split()]  # ko: 달러 is no 달
    if not own.spaces or own.script == "Kore":
        table = {form.replace("_", " "): unit for form, unit in forms}
        return {}, re.compile(r"\s?(" + "|".join(sorted(map(re.escape, table), key=len, reverse=True)) + ")"), table
    found: dict[str, list] = {}
    for form, unit in forms:
        tokens = [own.fold(one) for one in re.split(r"[_\-/]", form)]
        found.setdefault(tokens[0], []).append((tuple(tokens[1:]), unit))
    if own.script == "Latn":  # what is left in English is still a unit
        for form, unit in ((form, unit) for unit, row in get("en").units.items() for form in row.split()):
            tokens = form.split("_")
            if tokens[0] not in found or len(tokens) > 1:
                found.setdefault(tokens[0], []).append((tuple(tokens[1:]), unit))
    for rows in found.values():
        rows.sort(key=lambda one: -len(one[0]))
    return found, None, {}


def unit_beside(text: str, number: Number, language: Language) -> tuple[str, int, int]:
    """unit (or ""), and where number and unit begin and end; a compound one as milligram/kilogram/day."""
    unit, start, end = _unit(text, number, language)
    if unit and text[end : end + 1] in ("/", "／", " ") and _PER.match(text, end):
        return _compound(text, unit, start, end, language)
    return unit, start, end


#: Units of one kind, which are taken for each other.
KINDS = (
    frozenset(("second", "minute", "hour", "day", "week", "month", "year")),
    frozenset(("millimetre", "centimetre", "metre", "kilometre", "inch", "foot", "yard", "mile")),
)
_TIME = KINDS[0]


def mentioned(text: str, language: Language) -> set[str]:
    """Every unit that a text has a word for, beside a number or not; "year" too where "2020年" has it."""
    table, pattern, flat = _words(language.code)
    if pattern:
        return {flat[match[1]] for match in pattern.finditer(text)} - {""}
    own = lexicon(language.code)
    found = set()
    for token in own.word.findall(text):
        folded = own.fold(token)
        rows = table.get(folded) or table.get(_stem(folded, own, table)) or ()
        if not rows and own.suffix:
            rows = next((table[rest] for rest in own.without_suffix(folded) if rest in table), ())
        found.update(unit for rest, unit in rows if not rest)
    return found


_PER = re.compile(r"\s?[/／]\s?([^\W\d_]+[²³23]?)")


def _compound(text: str, unit: str, start: int, end: int, language: Language) -> tuple[str, int, int]:
    """What stands behind the slashes; "?" for what is no unit that is known (5 mg/Tablette)."""
    table, _pattern, flat = _words(language.code)
    own = lexicon(language.code)
    match = _PER.match(text, end)
    while match:
        word = match[1]
        rows = [name for rest, name in table.get(own.fold(word), ()) if not rest]
        unit += "/" + (_BY_SYMBOL.get(word) or flat.get(word) or (rows[0] if rows else "?"))
        end = match.end()
        match = _PER.match(text, end)
    return unit, start, end


def _unit(text: str, number: Number, language: Language) -> tuple[str, int, int]:
    start, end = number.start, number.end
    match = _SYMBOL.match(text, end) if number.kind == "digits" else None
    if match:
        return _BY_SYMBOL[(match[1] or match[2]).replace(" ", "")], start, match.end()
    table, pattern, flat = _words(language.code)
    if pattern:
        match = pattern.match(text, end)
        if match:
            return flat[match[1]], start, match.end()
        return _signs_before(text, number, language)
    own = lexicon(language.code)
    if own.before:
        found = _word_before(text, number, own, table)
        if found[0]:
            return found
    found = _word_after(text, number, own, _words("en")[0] if own.before else table)
    if not found[0] and own.aged and number.kind == "digits" and number.value < 130:
        if own.aged.search(text, max(0, number.start - 40), number.start) or own.older.match(text, number.end):
            return "year", number.start, number.end
    return found


def _signs_before(text: str, number: Number, language: Language) -> tuple[str, int, int]:
    if text[max(0, number.start - 4) : number.start] == "百分之":
        return "percent", number.start - 4, number.end
    return "", number.start, number.end


def _word_after(text: str, number: Number, own, table) -> tuple[str, int, int]:
    place = _AFTER.match(text, number.end).end()
    match = own.word.match(text, place)
    if match:
        token = own.fold(match[0])
        rows = table.get(token) if token not in own.rates else ()  # "300 daily cases" are no 300 days
        if not rows and own.suffix:
            rows = next((table[rest] for rest in own.without_suffix(token) if rest in table), None)
        for rest, unit in rows or ():
            end = rest_ends(text, match.end(), rest, own) if rest else match.end()
            if end:
                return unit, number.start, end
        if not rows and number.value != 1:
            unit, end = _over_a_word(text, match, token, own, table)
            if unit:
                return unit, number.start, end
    return _counted(text, number, own, table) if number.kind == "digits" else ("", number.start, number.end)


def _over_a_word(text: str, match: re.Match, token: str, own, table) -> tuple[str, int]:
    """14 consecutive days, 4 or more hours, 40 points of a hundred; not "2-0 on the day": a function word begins another phrase."""
    if token in own.ranges:
        between = own.word.match(text, match.end() + 1)
        if not between:
            return "", 0
        match = between
    elif len(token) < 4 or token in own.stopwords:
        return "", 0
    following = own.word.match(text, match.end() + 1)
    found = own.fold(following[0]) if following else ""
    for rest, unit in table.get(found, ()) if found not in own.rates else ():  # 3 times daily
        end = rest_ends(text, following.end(), rest, own) if rest else following.end()
        if end and (unit == "percent" or (unit in _TIME and not rest)):
            return unit, end
    return "", 0


#: Not "in 24 hours 183 cases", where the hours are another number's.
_COUNTED = re.compile(r"(?<![^\W_])(?<!\d[ \u00a0\u202f-])([A-Za-z]+) (?:\d+(?:[-–, ]|and|or|to){1,5})?$")


def _counted(text: str, number: Number, own, table) -> tuple[str, int, int]:
    """day 14, days 1-4, week 2; never HR 0.82."""
    match = _COUNTED.search(text, max(0, number.start - 24), number.start)
    if match and match[1].isupper():
        match = None
    for rest, unit in table.get(own.fold(match[1]), ()) if match else ():
        if not rest and unit in _TIME:
            return unit, match.start(), number.end
    return "", number.start, number.end


_CONCORD = re.compile(r"[^\W\d_]{1,9}[-‑]?$")


def _word_before(text: str, number: Number, own, table) -> tuple[str, int, int]:
    """The unit word in front, over a concord that is tied to the number ("izinsuku ezingu-14")."""
    end = number.start
    if end and (text[end - 1] in "-‑" or text[end - 1].isalpha()):
        concord = _CONCORD.search(text, max(0, end - 10), end)
        end = concord.start() if concord else end
    head = text[max(0, end - 40) : end]
    words = own.word.findall(head)
    if (
        own.concord
        and len(words) > 1
        and head.endswith(f" {words[-1]} ")
        and own.concord.fullmatch(own.fold(words[-1]))
    ):
        head, end = head[: -len(words[-1]) - 1], end - len(words[-1]) - 1  # zu: oneminyaka engu 44
        words.pop()
    linking = len(words) > 1 and len(words[-1]) < 3 and words[-1] not in _BY_SYMBOL
    if linking and head.endswith(f" {words[-1]} "):  # sw: dakika ya 89
        head, end = head[: -len(words[-1]) - 1], end - len(words[-1]) - 1
        words.pop()
    gap = head[head.rfind(words[-1]) + len(words[-1]) :] if words else "."
    if not words or gap.strip(" \u00a0'’"):
        return "", number.start, number.end
    if len(words[-1]) > 1 and words[-1] in _BY_SYMBOL:  # sw: mg 5
        return _BY_SYMBOL[words[-1]], end - len(head) + head.rfind(words[-1]), number.end
    for size in (3, 2, 1):
        tail = tuple(own.fold(one) for one in words[-size:])
        if len(tail) == size:
            for rest, unit in table.get(_stem(tail[0], own, table), ()):
                if rest == tail[1:]:
                    return unit, end - len(head) + head.rfind(words[-size]), number.end
    return "", number.start, number.end


def _stem(token: str, own, table) -> str:
    """zu: oneminyaka, ezingamaphesenti: the noun behind whatever stands before it; never an English one (abavamile)."""
    if token in table or not own.prefix:
        return token
    native = _native(own.code)
    return next((token[end:] for end in range(1, len(token) - 3) if token[end:] in native), token)


@cache
def _native(code: str) -> frozenset[str]:
    """The first words of the language's own forms."""
    own = lexicon(code)
    return frozenset(own.fold(re.split(r"[_\-/]", form)[0]) for row in get(code).units.values() for form in row.split())
