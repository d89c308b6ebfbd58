"""What an export is told, and what it tells.

Config(layouts=("hub", "chat"), languages=("sw",))
Summary.counts["medqa", "sw", "test"], Summary.dropped["too_many_options"]
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import regex

from globmed_tools import __version__, languages
from globmed_tools.errors import GlobmedError, suggest

from .layouts import LAYOUTS, File
from .licences import check_classes

#: Splits of the conversations where none is named: nobody trains on test by accident.
CHAT_SPLITS = ("train",)
_DATE = regex.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Config:
    """Settings of an export. Empty sets, languages and splits mean all (chat: only train).

    rationale: conversations give reasons before the answer; allow_licence: classes of licences.toml that need leave;
    mix: sets whose licences conflict each keep their own; allow_pseudo: text of the stand-in translator is let through;
    name, version, author, url, published (a date, 2026-11-23): for the card, which asks no clock.
    """

    layouts: tuple[str, ...] = tuple(LAYOUTS)
    sets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    rationale: bool = False
    allow_licence: tuple[str, ...] = ()
    mix: bool = False
    allow_pseudo: bool = False
    name: str = "GlobMed"
    version: str = __version__
    author: str = "The GlobMed developers"
    url: str = ""
    published: str = ""

    def checked(self) -> "Config":
        """Itself, with language aliases (jp) resolved; GlobmedError for what cannot be."""
        from dataclasses import replace

        for name in self.layouts:
            if name not in LAYOUTS:
                raise GlobmedError(f"unknown layout {name!r}{suggest(name, LAYOUTS)} Known: {', '.join(LAYOUTS)}.")
        if not self.layouts:
            raise GlobmedError(f"no layout was named. Choose from {', '.join(LAYOUTS)}.")
        if self.published and not _DATE.fullmatch(self.published):
            raise GlobmedError(f"published {self.published!r}: a date is written 2026-11-23.")
        check_classes(self.allow_licence)
        codes = tuple(dict.fromkeys(languages.get(code).code for code in self.languages))
        layouts = tuple(name for name in LAYOUTS if name in self.layouts)
        return replace(self, languages=codes, layouts=layouts)

    def selects(self, name: str, language: str, split: str) -> bool:
        """Whether these entries are asked for."""
        return (
            (not self.sets or name in self.sets)
            and (not self.languages or language in self.languages)
            and (not self.splits or split in self.splits)
        )

    def layouts_of(self, split: str) -> list[str]:
        """The layouts that this split is written in."""
        chat = self.splits or CHAT_SPLITS
        return [name for name in self.layouts if name != "chat" or split in chat]


@dataclass(slots=True)
class Summary:
    """What an export wrote (folder None: a dry run).

    counts: entries by (set, language, split); dropped by reason, all listed in dropped.jsonl; passed_over: entries that were
    not asked for; warnings: what people should know before they publish; licences: the licence report.
    """

    folder: Path | None
    counts: dict[tuple[str, str, str], int]
    dropped: Counter
    passed_over: int
    files: tuple[File, ...]
    licences: dict[str, Any]
    warnings: list[str] = field(default_factory=list)

    @property
    def entries(self) -> int:
        return sum(self.counts.values())

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        layouts: dict[str, dict[str, int]] = {}
        for file in self.files:
            one = layouts.setdefault(file.layout, {"files": 0, "rows": 0, "bytes": 0})
            one["files"] += 1
            one["rows"] += file.rows
            one["bytes"] += file.bytes
        return {
            "folder": None if self.folder is None else str(self.folder),
            "entries": self.entries,
            "parts": [dict(set=s, language=lang, split=p, entries=n) for (s, lang, p), n in self.counts.items()],
            "layouts": layouts,
            "dropped": dict(sorted(self.dropped.items())),
            "passed_over": self.passed_over,
            "licence": self.licences["licence"],
            "strictest_licence": self.licences["strictest"],
            "warnings": self.warnings,
        }
