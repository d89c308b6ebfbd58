"""Sources from a YAML file: several at once, the first trusted most.

    sources:
      - {name: TICO-19, licence: CC0 1.0, paths: ["terminologies/*.csv"]}
      - name: ward list
        licence: all rights reserved
        paths: [ward.csv]
        columns: {en: English, sw: Kiswahili}

Paths stand relative to the file and may have wildcards. The other settings are those of `build.Wanted`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from globmed_tools import languages
from globmed_tools.errors import GlobmedError, suggest

from .. import settings
from .build import READERS, Wanted


@dataclass(frozen=True, slots=True)
class _File:
    sources: list[dict]


def of_yaml(path: Path) -> list[Wanted]:
    """The sources that a YAML file names; GlobmedError for a setting that is wrong or a path that nothing has."""
    found = settings.read(_File, settings.load_yaml(path), str(path))
    return [_source(path, number, row) for number, row in enumerate(found.sources, 1)]


def _source(path: Path, number: int, row: dict) -> Wanted:
    where = f"{path}, source {number}"
    paths = row.get("paths")
    if not paths or not isinstance(paths, list):
        raise GlobmedError(f"{where}: `paths` is missing; it is a list of files.")
    if missing := [name for name in ("name", "licence") if not row.get(name)]:
        raise GlobmedError(f"{where}: {missing[0]} is missing. Name it; a licence that nobody knows is `unknown`.")
    files = tuple(file for name in paths for file in _matching(path.parent, str(name), where))
    return checked(settings.read(Wanted, {**row, "paths": files}, where))


def _matching(folder: Path, name: str, where: str) -> Iterable[Path]:
    whole = Path(name).expanduser()
    if not any(sign in name for sign in "*?["):
        return [folder / whole]
    base, pattern = (Path(whole.anchor), str(whole.relative_to(whole.anchor))) if whole.anchor else (folder, name)
    if not (found := sorted(base.glob(pattern))):
        raise GlobmedError(f"{where}: no file is called {name}. Check the path, which is relative to the YAML file.")
    return found


def checked(wanted: Wanted) -> Wanted:
    """The same, its names of languages as codes of the table; GlobmedError for an unknown format or language."""
    if wanted.format and wanted.format not in READERS:
        raise GlobmedError(
            f"unknown format {wanted.format!r}{suggest(wanted.format, READERS)} Known: {', '.join(READERS)}."
        )
    codes = {name: languages.get(code).code for name, code in wanted.languages.items()}
    return replace(wanted, languages=codes)
