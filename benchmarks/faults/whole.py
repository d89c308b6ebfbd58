"""Faults of whole texts: a sentence lost or added, text left in English, the wrong language, a loop, a text cut off."""

from __future__ import annotations

from random import Random

import regex

from globmed_tools.languages import get

from . import Planted, Text, fault, languages, words

_BOTH = ("single", "joined")


def glue(code: str) -> str:
    """What stands between two sentences: nothing in Chinese and Japanese, else a space."""
    return " " if get(code).spaces else ""


def units_of(line: str, code: str) -> list[str]:
    """The text in words (each with the space behind it), or in characters where words are not spaced."""
    return regex.findall(r"\S+\s*", line) if get(code).spaces else list(line)


@fault("sentence deleted", where=("joined",), goal=0.9, checks=("sentences", "length", "numbers", "truncation"))
def sentence_deleted(text: Text, random: Random) -> Planted | None:
    """One of the two or three sentences is missing in the translation."""
    place = random.randrange(len(text.pieces))
    left = [piece[1] for i, piece in enumerate(text.pieces) if i != place]
    return Planted(text.source, glue(text.language).join(left), f"sentence {place + 1} of {len(text.pieces)} left out")


@fault("sentence added", where=("joined",), checks=("sentences", "length", "numbers"))
def sentence_added(text: Text, random: Random) -> Planted | None:
    """The translation goes on with the document's next sentence, which the source does not have."""
    if text.following is None:
        return None
    return Planted(text.source, text.translation + glue(text.language) + text.following[1], "the next sentence added")


@fault("left in English", where=_BOTH, goal=0.98, checks=("language", "script", "untranslated"))
def left_in_english(text: Text, random: Random) -> Planted | None:
    """The translation is the source."""
    return Planted(text.source, text.source, "the source itself")


@fault("half left in English", where=_BOTH, checks=("untranslated", "language", "script"))
def half_in_english(text: Text, random: Random) -> Planted | None:
    """The first or the second half is the source's; from eight English words on."""
    english, own = units_of(text.source, "en"), units_of(text.translation, text.language)
    if len(english) < 8 or len(own) < 4:
        return None
    first, second = len(english) // 2, len(own) // 2
    if random.random() < 0.5:
        return Planted(text.source, "".join([*english[:first], *own[second:]]), "the first half is English")
    joint = "" if get(text.language).spaces else " "
    return Planted(text.source, "".join([*own[:second], joint, *english[first:]]), "the second half is English")


@fault("one sentence left in English", where=("joined",), checks=("untranslated", "language", "script"))
def sentence_in_english(text: Text, random: Random) -> Planted | None:
    """One of the two or three sentences is the source's."""
    place = random.randrange(len(text.pieces))
    made = [piece[0] if i == place else piece[1] for i, piece in enumerate(text.pieces)]
    return Planted(text.source, glue(text.language).join(made), f"sentence {place + 1} is English")


@fault("wrong language", where=_BOTH, goal=0.98, checks=("language", "script"), unseen=True)
def wrong_language(text: Text, random: Random) -> Planted | None:
    """The same text in another of the languages that are translated to, no near neighbour."""
    near = words(text.language)["neighbours"]
    others = [c for c in languages() if c in text.elsewhere and c != text.language]
    others = [c for c in others if words(c)["files"]["ntrex"] not in near]
    if not others:
        return None
    code = random.choice(others)
    return Planted(text.source, text.elsewhere[code], f"in {code}")


@fault("wrong language, a neighbour", where=_BOTH, checks=("language", "script"), unseen=True)
def neighbouring_language(text: Text, random: Random) -> Planted | None:
    """The same text in a language that it is easily taken for: xh for zu, gl for pt, ca for es, ms for id."""
    near = [code for code in words(text.language)["neighbours"] if code in text.elsewhere]
    if not near:
        return None
    code = random.choice(near)
    return Planted(text.source, text.elsewhere[code], f"in {code}")


@fault("loop", where=_BOTH, checks=("loop", "length"))
def loop(text: Text, random: Random) -> Planted | None:
    """The last words (3 to 8; 6 to 16 characters where words are not spaced) come 4 to 12 times more."""
    parts = units_of(text.translation, text.language)
    wanted = random.randint(3, 8) if get(text.language).spaces else random.randint(6, 16)
    tail = "".join(parts[-min(wanted, len(parts)) :]).strip()
    times = random.randint(4, 12)
    joint = " " if get(text.language).spaces else ""
    return Planted(text.source, joint.join([text.translation.rstrip(), *[tail] * times]), f"{tail!r} x {times}")


@fault("truncation", where=_BOTH, goal=0.9, checks=("truncation", "length", "sentences", "numbers"))
def truncation(text: Text, random: Random) -> Planted | None:
    """Cut in mid-sentence at 40 to 80 % of its words (or characters where words are not spaced)."""
    parts = units_of(text.translation, text.language)
    keep = round(len(parts) * random.uniform(0.4, 0.8))
    if not 2 <= keep < len(parts):
        return None
    made = "".join(parts[:keep]).rstrip()
    if regex.search(r"[.!?。！？।…]\W*$", made):
        return None
    return Planted(text.source, made, f"{keep} of {len(parts)} kept")
