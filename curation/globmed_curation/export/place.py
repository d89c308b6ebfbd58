"""The folder of an export: one at a time, never anything foreign removed, the old export untouched until the new one is whole.

    with held(out, overwrite=True) as work:         # out/.part, empty; nobody else exports to `out` meanwhile
        ...                                         # write everything into `work`
        into_place(work, out)                       # the old export goes, its manifest first; the new one comes

A kill leaves the old export, or, in the moment of into_place, a folder without a manifest that still has its .part.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from globmed_tools import manifest, shards
from globmed_tools.errors import GlobmedError
from globmed_tools.store import DROPPED

from .. import lock
from .layouts import LAYOUTS

FORMAT = "globmed-export"
WORK, LOCK = ".part", ".lock"
REPORT, LICENCES = "licences.json", "LICENCES.md"
#: All that an export writes, and so all that --overwrite may remove.
OURS = (manifest.NAME, *LAYOUTS, DROPPED, REPORT, LICENCES)


@contextmanager
def held(out: Path, overwrite: bool) -> Iterator[Path]:
    """An empty working folder in `out`, which nobody else may write meanwhile; GlobmedError as in `may_write`."""
    may_write(out, overwrite)
    new, work = not out.exists(), out / WORK
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(lock.held(out / LOCK))
        except lock.Busy:
            raise GlobmedError(f"{out}: another export writes here. Wait for it, or choose another --out.") from None
        try:
            clear(work)
            work.mkdir()
            yield work
        finally:
            clear(work)
            (out / LOCK).unlink(missing_ok=True)
            if new and not any(out.iterdir()):
                out.rmdir()


def may_write(out: Path, overwrite: bool) -> None:
    """GlobmedError where `out` may not be written: a file, not empty (unless overwrite), or holding what is not ours."""
    if out.exists() and not out.is_dir():
        raise GlobmedError(f"{out}: is a file. Choose another --out.")
    found = sorted(one.name for one in out.iterdir()) if out.is_dir() else []
    there = [name for name in found if name not in (WORK, LOCK)]
    if not there:
        return
    whole = manifest.NAME in there
    if not overwrite:
        state = "already holds an export" if whole else f"is not empty and has no {manifest.NAME}"
        raise GlobmedError(f"{out}: {state}. Say --overwrite to replace it, or choose another --out.")
    if foreign := [name for name in there if name not in OURS]:
        raise GlobmedError(
            f"{out}: holds {', '.join(foreign[:3])}, which no export wrote. Nothing was removed; choose another --out."
        )
    if whole and shards.manifest_fields(out).get("format") != FORMAT:
        raise GlobmedError(
            f"{out}: holds a {manifest.NAME} of something else. Nothing was removed; choose another --out."
        )
    if not whole and WORK not in found:
        raise GlobmedError(
            f"{out}: holds {', '.join(there[:3])} but no {manifest.NAME}, so it may be no export. Nothing was removed; "
            "remove it yourself, or choose another --out."
        )


def into_place(work: Path, out: Path) -> None:
    """The old export goes, its manifest first; the new one comes."""
    for name in OURS:
        clear(out / name)
    for path in sorted(work.iterdir()):
        os.replace(path, out / path.name)


def clear(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
