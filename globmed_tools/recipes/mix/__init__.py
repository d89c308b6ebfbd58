"""Exported conversations -> one balanced training file, evaluation files by language, and a manifest of what went in.

    told = mix([Path("release")], Path("mix"), Options(temperature=3.3))
    told["languages"][8]      {"language": "sw", "available": 9120, "p_before": 0.071, "p_target": 0.08, "drawn": 10272, ...}

Axolotl concatenates its data sets and has no weights for them, so languages are balanced here, before it. The data is read
twice: once into numbers (index), from which everything is decided (draw), and once to write it. Nothing is written
before all that could be wrong has been looked at. The same rows give the same bytes, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ... import __version__, languages
from ...errors import GlobmedError
from . import drawing, indexing, inputs, sample, tell, write
from .held import Held
from .options import Options

#: progress(what is being done, how much of it there is) -> tick(how much more of it is done)
Progress = Callable[[str, int], Callable[[int], None]]


def _silent(what: str, whole: int) -> Callable[[int], None]:
    return lambda done: None


def mix(
    paths: Iterable[Path | str],
    out: Path,
    options: Options | None = None,
    *,
    against: Iterable[Path] = (),
    tokenizer: Path | None = None,
    force: bool = False,
    dry_run: bool = False,
    progress: Progress = _silent,
) -> dict[str, Any]:
    """Write the mix of these exports (or files of their chat layout, or `sample`) into `out`; returns the manifest.

    against: items that must not be trained on, beside those of the same exports and of the bundled sample; tokenizer: the
    folder of one, to count tokens. dry_run writes nothing. GlobmedError where the data may not be trained on, or is not of
    the chat layout, or the folder holds something; then `out` is as it was.
    """
    options, out = (options or Options()).checked(), Path(out)
    if options.tokens is not None and tokenizer is None:
        raise GlobmedError("--tokens: nothing says how long a token is. Add --tokenizer DIR of the base model.")
    if not dry_run:
        write.may_write(out, force)
    counter = None
    if tokenizer is not None:
        from .tokens import Counter

        counter = Counter(tokenizer)
    with ExitStack() as stack:
        real = [_path(stack, path) for path in paths]
        found = inputs.inputs(real, options.splits)
        _apart(real, out)
        held, checked = _held(found, against, options)
        size = sum(one.path.stat().st_size for one in found.train)
        index = indexing.read(found.train, options, held, counter, progress("reading", size))
        stack.callback(index.close)
        left_out = drawing.excluded(index.forms, options)
        usable = [row for row in index.order if index.set(row) not in left_out]
        evaluated = drawing.held_out(index, usable, options)
        taken = set().union(*evaluated.values())
        draw = drawing.Draw(index, [row for row in usable if index.groups[row] not in taken], options)
        told = tell.manifest(index, draw, evaluated, taken, left_out)
        told = _head(options, counter) | told | {"against": checked}
        told["notes"] = [*found.notes, *told["notes"], *_unchecked(checked)]
        for one in told["sets"]:
            one["licences"] = found.licences.get(one["set"], [])
        if not dry_run:
            told["files"] = _write(out, index, draw, evaluated, usable, told, force, progress)
    return told


def _path(stack: ExitStack, path: Path | str) -> Path:
    if str(path) == sample.NAME and not Path(path).exists():
        return stack.enter_context(sample.exported())
    return Path(path)


def _apart(paths: list[Path], out: Path) -> None:
    target = out.resolve()
    for source in (path.resolve() for path in paths):
        if source == target or source in target.parents or target in source.parents:
            raise GlobmedError(f"{out} and {source.name} lie in each other. Choose an --out beside the input.")


def _held(found: inputs.Inputs, against: Iterable[Path], options: Options) -> tuple[Held, list[dict[str, Any]]]:
    """What may not be trained on, and what the manifest says of where that was looked up."""
    held = Held(options.splits)
    checked = [{"name": "the same exports", "files": len(found.held), "items": sum(map(held.add, found.held))}]
    for path in against:
        files = inputs.against(path)
        items = sum(map(held.add, files))
        if not items:
            raise GlobmedError(
                f"{path}: every item in it is of split {' '.join(options.splits)}, so it holds nothing out. Name the test items."
            )
        checked.append({"name": Path(path).resolve().name, "files": len(files), "items": items})
    held.add_sample()
    return held, [*checked, {"name": "the bundled sample"}]


def _unchecked(checked: list[dict[str, Any]]) -> list[str]:
    if any(one.get("items") for one in checked):
        return []
    return [
        "only the bundled sample was looked up for test items, as the exports hold none: export with --layout entries,chat, "
        "or name your test items with --against"
    ]


def _head(options: Options, counter) -> dict[str, Any]:
    return {
        "format": write.FORMAT,
        "version": write.VERSION,
        "made_by": f"globmed {__version__}",
        "options": options.to_dict(),
        "tokenizer": counter.facts if counter else None,
    }


def _write(out, index, draw, evaluated, usable, told, force, progress) -> list[dict[str, Any]]:
    """Write all files, the manifest last; returns what it says of them."""
    with write.place(out, force) as part:
        tick = progress("writing", told["entries"] + sum(one["entries"] for one in told["eval"]))
        files = [write.rows(index, part, write.TRAIN, draw.shuffled(), tick)]
        for code in sorted(evaluated, key=languages.codes().index):
            rows = drawing.evaluation(index, usable, code, evaluated[code], draw.options.seed)
            if rows:
                files.append(write.rows(index, part, f"{write.EVAL}/{code}.jsonl", rows, tick))
        if index.dropped:
            files.append(write.left_out(part, index.dropped))
        write.finish(part, out, told | {"files": files})
    return files
