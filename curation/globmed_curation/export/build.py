"""export(): everything is read, counted and judged before the old result is touched; then it is written, the manifest last.

Two passes. The first puts the entries aside by set, language and split and counts them; what may not be published is
refused here. The second writes one part after another. All of it happens in OUT/.part (place.py), so that an error or a
kill leaves an older export as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from globmed_tools import __version__, manifest, shards
from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError
from globmed_tools.store import DROPPED

from . import card, croissant, layouts, licences, place, reviews, rules
from .config import Config, Summary
from .layouts import LAYOUTS, File
from .licences import Judgement
from .parts import Parts
from .tally import Tally

VERSION = 1
_ASIDE = "aside"


def export(
    entries: Iterable[Entry],
    out: Path,
    config: Config | None = None,
    *,
    run: Iterable[Mapping[str, Any]] = (),
    overwrite: bool = False,
    dry_run: bool = False,
    tick: Callable[[], None] = lambda: None,
) -> Summary:
    """Write the entries into `out` as the config says. run: the manifest fields (stage, config, kept, dropped, reasons,
    inputs) of every stage that they passed, in order, for the card. tick is called once an entry and once a part.

    GlobmedError where the folder is not empty (unless overwrite), nothing is left to write, an item stands in two splits,
    text is pseudo-translated, or a licence forbids it; then `out` is as it was.
    """
    config, out = (config or Config()).checked(), Path(out)
    tally = Tally()
    if dry_run:
        place.may_write(out, overwrite=True)
        for _ in _usable(entries, tally, config, tick):
            pass
        return _judged(tally, config)[1]
    try:
        with place.held(out, overwrite) as work:
            return _export(entries, out, work, tally, config, _plain(run), tick)
    except OSError as error:
        raise GlobmedError(
            f"{error.filename or out}: could not be written ({error.strerror}). Free some space or choose another folder."
        ) from None


def _export(entries, out: Path, work: Path, tally: Tally, config: Config, run, tick) -> Summary:
    with Parts(work / _ASIDE) as parts, (work / DROPPED).open("wb") as stream:
        for entry in _usable(entries, tally, config, tick, stream):
            parts.add(entry)
    judged, summary = _judged(tally, config)
    files = _write_parts(parts, tally, work, config, tick)
    facts = card.Facts(tally, tuple(files), config, run)
    _write_pages(work, facts, judged, summary)
    layouts.write_entry_manifests(work, files, _inputs(run))
    place.clear(work / _ASIDE)
    made = _manifest(work, facts, judged)
    place.into_place(work, out)
    manifest.write_bytes(out / manifest.NAME, made)
    summary.folder, summary.files = out, tuple(files)
    return summary


def _usable(entries: Iterable[Entry], tally: Tally, config: Config, tick, stream=None) -> Iterator[Entry]:
    """The entries that are asked for and can be published, counted; the others are counted and written to `stream`."""
    for entry in entries:
        tick()
        if not config.selects(entry.source, entry.language, entry.split):
            tally.passed_over += 1
        elif bad := rules.unusable(entry, tally):
            tally.dropped[bad[0]] += 1
            if stream is not None:
                row = shards.drop_row("export", entry, *bad)
                stream.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        else:
            tally.add(entry)
            yield entry


def _judged(tally: Tally, config: Config) -> tuple[Judgement, Summary]:
    """What the licences say, and the summary as far as it is known; GlobmedError where this must not be published."""
    judged = licences.judge({name: one.licences for name, one in tally.sets.items()})
    rules.refuse(tally, judged, config)
    report = licences.report(judged, allow=config.allow_licence, mix=config.mix)
    warnings = rules.warnings(tally, judged, config)
    return judged, Summary(None, tally.counts(), tally.dropped, tally.passed_over, (), report, warnings)


def _write_parts(parts: Parts, tally: Tally, work: Path, config: Config, tick) -> list[File]:
    files = []
    for key in parts.keys():
        tick()
        wanted = config.layouts_of(key[2])
        form = tally.sets[key[0]].form
        files += layouts.write_part(parts, key, form, wanted, work, rationale=config.rationale)
        parts.path(key).unlink(missing_ok=True)
    order = list(LAYOUTS)
    return sorted(files, key=lambda one: (order.index(one.layout), one.path))


def _write_pages(work: Path, facts: card.Facts, judged: Judgement, summary: Summary) -> None:
    """The licence report, and card, licences and Croissant of every layout that people download, whole and by set."""
    manifest.write_bytes(work / place.REPORT, orjson.dumps(summary.licences, option=orjson.OPT_INDENT_2) + b"\n")
    manifest.write_bytes(work / place.LICENCES, card.licence_page(judged, facts.config).encode())
    for layout in facts.config.layouts:
        names = facts.sets_in(layout)
        if layout == "entries" or not names:
            continue
        for folder, scope, whole in ((work / layout, names, True), *((work / layout / n, [n], False) for n in names)):
            card.write(folder, layout, scope, facts, whole=whole)
            if layout in croissant.DESCRIBED:
                croissant.write(folder, layout, scope, facts, whole=whole)


def _manifest(work: Path, facts: card.Facts, judged: Judgement) -> bytes:
    """The manifest's bytes: every file with its checksum, data files with their rows."""
    known = {f"{one.layout}/{one.path}": one for one in facts.files}
    listed = []
    for path in sorted(one for one in work.rglob("*") if one.is_file()):
        where = path.relative_to(work).as_posix()
        if one := known.get(where):
            listed.append(dict(path=where, rows=one.rows, bytes=one.bytes, xxh3=one.xxh3, sha256=one.sha256))
        else:
            listed.append(dict(path=where, bytes=path.stat().st_size, xxh3=manifest.checksum(path)))
    fields = {
        "format": place.FORMAT,
        "version": VERSION,
        "made_by": f"globmed {__version__}",
        "config": asdict(facts.config),
        "layouts": [name for name in facts.config.layouts if facts.sets_in(name)],
        "sets": sorted(facts.tally.sets),
        "entries": facts.tally.entries,
        "dropped": dict(sorted(facts.tally.dropped.items())),
        "pseudo": facts.tally.pseudo,
        "licence": judged.licence,
        "never_pushed": licences.forbids_push(judged),
        "run": [dict(one) for one in facts.run],
        "files": listed,
    }
    return orjson.dumps(fields, option=orjson.OPT_INDENT_2) + b"\n"


def _plain(run: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Of what each stage said, the part that belongs into a card."""
    wanted = ("stage", "made_by", "config", "kept", "dropped", "reasons", "inputs", reviews.KEY)
    return tuple({name: one[name] for name in wanted if name in one} for one in run)


def _inputs(run: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    return tuple(run[0].get("inputs", ())) if run else ()
