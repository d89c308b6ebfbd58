"""What may be published: which entries, and which of them together.

Everything here is decided before anything is written. An entry that nobody could be asked is dropped with its reason; what
must not be published at all (leaks between splits, pseudo-translations, licences that forbid it) ends the export.
"""

from __future__ import annotations

import regex

from globmed_tools import languages
from globmed_tools.bench.prompts import LETTERS
from globmed_tools.entry import Entry, problem
from globmed_tools.errors import GlobmedError

from . import licences
from .config import CHAT_SPLITS, Config
from .licences import Judgement
from .tally import Tally

_NAME = regex.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}")


def unusable(entry: Entry, tally: Tally) -> tuple[str, str] | None:
    """Why the benchmark could not ask this entry, or that it is here already."""
    if found := problem(entry):
        return found
    if len(entry.options) > len(LETTERS):
        return "too_many_options", f"{len(entry.options)}, at most {len(LETTERS)} can be asked"
    if tally.repeated(entry):
        return "repeated_entry", entry.id
    known = languages.find(entry.language)
    if known is None or known.code != entry.language:
        return "unknown_language", f"{entry.language}, which languages.toml has no row for"
    for name in (entry.source, entry.split):
        if not _NAME.fullmatch(name):
            raise GlobmedError(
                f"{entry.locator}: {name!r} cannot name a folder or file. Use letters, digits, _ . and -."
            )
    return None


def refuse(tally: Tally, judged: Judgement, config: Config) -> None:
    """GlobmedError where this must not be published as the config says."""
    _refuse_nothing(tally, config)
    if tally.pseudo and not config.allow_pseudo:
        raise GlobmedError(
            f"{tally.pseudo:,} of {tally.entries:,} entries are pseudo-translated: marked English, in no language. Translate "
            "them, leave them out with --language, or say --allow-pseudo to try the pipeline: the card will say so loudly."
        )
    tally.refuse_leaks()
    changed = [name for name, one in tally.sets.items() if one.translated()]
    licences.refuse(judged, allow=config.allow_licence, mix=config.mix, changed=changed)


def _refuse_nothing(tally: Tally, config: Config) -> None:
    """Nothing at all, or nothing of something that was named, is an error."""
    if not tally.entries:
        raise GlobmedError(
            f"nothing to export: {tally.passed_over:,} entries were not asked for, {tally.dropped.total():,} cannot be used "
            f"({', '.join(sorted(tally.dropped)) or 'no reason'}). Check the input, --set, --language and --split."
        )
    for kind, wanted, there in (
        ("set", config.sets, set(tally.sets)),
        ("language", config.languages, {code for one in tally.sets.values() for code in one.languages()}),
        ("split", config.splits, {split for one in tally.sets.values() for split in one.splits()}),
    ):
        if missing := [name for name in wanted if name not in there]:
            raise GlobmedError(
                f"no entries of {kind} {' '.join(missing)}; with the rest there is {' '.join(sorted(there))}."
            )
    if config.layouts == ("chat",) and not any(
        config.layouts_of(split) for one in tally.sets.values() for split in one.splits()
    ):
        raise GlobmedError(
            "nothing to export: chat takes the split train, and there is none. Name others with --split."
        )


def warnings(tally: Tally, judged: Judgement, config: Config) -> list[str]:
    """What people should know of this export before they use or publish it."""
    lines = []
    if tally.pseudo:
        lines.append(
            f"{tally.pseudo:,} entries are PSEUDO-TRANSLATED: for trying the pipeline only, never for training."
        )
    if "chat" in config.layouts:
        lines += _about_chat(tally, config)
    if tally.same_text:
        lines.append(f"{tally.same_text:,} entries have the text of an item in another split. Run deduplication.")
    if judged.conflicts:
        sets = sorted({name for one in judged.conflicts for name in one.sets})
        lines.append(f"licences of {', '.join(sets)} may not stand under one: each set keeps its own (LICENCES.md).")
    for name in licences.forbids_push(judged):
        lines.append(f"{name}: under a data use agreement; keep this folder to yourself. It cannot be pushed.")
    return lines


def _about_chat(tally: Tally, config: Config) -> list[str]:
    """Sets of which no conversation is made, and conversations that are not for training."""
    lines, wanted = [], " ".join(config.splits or CHAT_SPLITS)
    taken = {
        name: {
            split: sum(n for (_, of), n in one.parts.items() if of == split and "chat" in config.layouts_of(split))
            for split in one.splits()
        }
        for name, one in sorted(tally.sets.items())
    }
    if empty := [name for name, splits in taken.items() if not sum(splits.values())]:
        lines.append(f"chat: nothing of {', '.join(empty)}: no split {wanted} there.")
    if held := sum(count for splits in taken.values() for split, count in splits.items() if split not in CHAT_SPLITS):
        lines.append(f"chat: {held:,} conversations are not of the split train, as --split asked: never train on test.")
    return lines
