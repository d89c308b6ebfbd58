"""The task files, written from the two tables: `globmed bench generate`, and `--check` in the tests.

    tasks/_gen_choice.yaml ...           bases, written by hand
    tasks/leaves/medqa/globmed_medqa_sw.yaml, globmedll_medqa_sw.yaml
    tasks/groups/globmed-sw.yaml ...

lm-eval indexes one task a file, so the leaves are files; each is five lines and says nothing that a table says.
"""

from __future__ import annotations

from pathlib import Path

from .. import catalog, languages
from ..catalog import SourceSet
from ..errors import GlobmedError
from ..names import PREFIXES, parts, task_name

STAMP = "# generated from globmed_tools/*.toml by `globmed bench generate`; do not edit\n"
FOLDERS = ("leaves", "groups")
METRICS = {"gen": ("acc", "chrf", "rouge_l", "answered", "in_language"), "ll": ("acc", "acc_norm")}
FILTER = {"gen": "extract", "ll": "none"}


def sets(kind: str) -> list[SourceSet]:
    """The benchmark's sets that have tasks of a kind: all for `gen`, those with choices for `ll`."""
    return [one for one in catalog.table().values() if one.bench and (kind == "gen" or one.form != "longform")]


def task_names(kind: str) -> list[str]:
    """Every task name of a kind, in the tables' order."""
    return [task_name(kind, one.name, code) for one in sets(kind) for code in languages.codes()]


def groups(kind: str) -> dict[str, list[str]]:
    """group name -> task names. The prefix and a hyphen, so that `globmed_*` matches tasks alone."""
    prefix, every = PREFIXES[kind], languages.codes()
    paper = languages.codes(paper=True)

    def names(chosen_sets, chosen_codes) -> list[str]:
        return [task_name(kind, one.name, code) for one in chosen_sets for code in chosen_codes]

    paper_sets = [one for one in sets(kind) if one.in_paper]
    result = {
        prefix: names(paper_sets, paper),
        f"{prefix}-hub": names([one for one in sets(kind) if one.hub], every),
        f"{prefix}-low": names(sets(kind), [code for code in paper if languages.get(code).tier == "low"]),
        f"{prefix}-high": names(sets(kind), [code for code in paper if languages.get(code).tier == "high"]),
    }
    result |= {f"{prefix}-{code}": names(sets(kind), [code]) for code in every}
    result |= {f"{prefix}-{one.name}": names([one], every) for one in sets(kind)}
    return result


def base_of(kind: str, source: SourceSet) -> str:
    if kind == "ll":
        return "_ll_choice.yaml"
    return "_gen_longform.yaml" if source.form == "longform" else "_gen_choice.yaml"


def files() -> dict[str, str]:
    """relative path -> content of every generated file."""
    result = {}
    for kind in PREFIXES:
        for source in sets(kind):
            for code in languages.codes():
                name = task_name(kind, source.name, code)
                result[f"leaves/{source.name}/{name}.yaml"] = (
                    f"{STAMP}include: ../../{base_of(kind, source)}\ntask: {name}\n"
                    f"dataset_kwargs: {{globmed_set: {source.name}, globmed_language: {code}, globmed_kind: {kind}}}\n"
                )
        for group, names in groups(kind).items():
            result[f"groups/{group}.yaml"] = _group(group, names, kind)
    return result


def _group(group: str, names: list[str], kind: str) -> str:
    forms = {catalog.get(parts(name)[1]).form for name in names}
    metrics = [
        metric
        for metric in METRICS[kind]
        if metric in ("answered", "in_language")
        or (metric in ("chrf", "rouge_l") and "longform" in forms)
        or (metric in ("acc", "acc_norm") and forms != {"longform"})
    ]
    lines = [f"{STAMP}group: {group}", "task:", *(f"  - {name}" for name in names), "aggregate_metric_list:"]
    for metric in metrics:
        lines.append(
            f"  - {{metric: {metric}, aggregation: mean, weight_by_size: false, filter_list: [{FILTER[kind]}]}}"
        )
    return "\n".join([*lines, "metadata: {version: 1.0}", ""])


def check(folder: Path) -> list[str]:
    """What differs between the folder and what the tables say: missing, changed or superfluous files, by path."""
    wanted = files()
    present = {path.relative_to(folder).as_posix() for part in FOLDERS for path in (folder / part).glob("**/*.yaml")}
    problems = [f"superfluous: {path}" for path in sorted(present - set(wanted))]
    for path, content in wanted.items():
        if path not in present:
            problems.append(f"missing: {path}")
        elif (folder / path).read_text("utf-8") != content:
            problems.append(f"changed: {path}")
    return problems


def write(folder: Path) -> tuple[int, int]:
    """Bring the folder up to date; returns (files written or rewritten, files removed)."""
    if not folder.is_dir():
        raise GlobmedError(f"{folder}: no such folder. Run this in a checkout, or name the tasks folder.")
    wanted = files()
    removed = 0
    for part in FOLDERS:
        for path in (folder / part).glob("**/*.yaml"):
            if path.relative_to(folder).as_posix() not in wanted:
                path.unlink()
                removed += 1
    written = 0
    for name, content in wanted.items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
            written += 1
    return written, removed
