"""The strict check of a recipe: what Axolotl does not say before a run, and what it never says.

    report = check.check(recipe.read("qwen3-8b-lora"), setups=["1xh100"])
    report.ok                      True: no error, neither in the recipe nor for that set-up
    report.findings[0].message     "`learning_ratee` is no key of Axolotl 0.19.0, which would drop it in silence; did you mean ..."

Nothing of Axolotl, torch, a GPU or the network is needed: keys come from schema.json, sizes from models.toml, GPUs from gpus.toml.
`deep` also asks Axolotl itself, in its own environment, with the set-up's capabilities pretended.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import GlobmedError
from . import gpus, models, rules
from .gpus import Setup
from .memory import Memory
from .recipe import Recipe
from .rules.case import ERROR, Case, Finding
from .rules.hardware import needs

HEADER = re.compile(r"^Set-ups:\s*(.+?)\s*$", re.MULTILINE)
#: Torch of the pinned Axolotl's environment, for its own validation.
TORCH = "2.13.0"


@dataclass(frozen=True)
class SetupReport:
    """A set-up and what speaks against it. `own`: the recipe's header names it; `counts`: an error here fails the check."""

    setup: Setup
    own: bool
    counts: bool
    findings: tuple[Finding, ...]
    memory: Memory | None

    @property
    def ok(self) -> bool:
        return not any(finding.severity == ERROR for finding in self.findings)


@dataclass(frozen=True)
class Report:
    """`findings` hold on any hardware; `setups` those that hold on one only."""

    recipe: Recipe
    findings: tuple[Finding, ...]
    setups: tuple[SetupReport, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """No error in the recipe itself, and none for a set-up that counts."""
        return not any(one.severity == ERROR for one in self.findings) and all(
            one.ok for one in self.setups if one.counts
        )


def own_setups(recipe: Recipe) -> list[str]:
    """The set-ups that the header names: `# Set-ups: 1xh100, 8xh100`; none where it has no such line."""
    found = HEADER.search(recipe.header)
    return [name.strip() for name in found.group(1).split(",")] if found else []


def case(recipe: Recipe, folder: Path | None = None) -> Case:
    """The recipe with its base model, where that is known without the network."""
    folder = folder or Path.cwd()
    base = recipe.settings.get("base_model")
    model = None
    if isinstance(base, str):
        local = folder / base
        try:
            model = models.get(str(local) if (local / "config.json").is_file() else base)
        except GlobmedError:
            model = None
    return Case(recipe, model, folder)


def check(recipe: Recipe, setups: list[str] | None = None, *, files: bool = True, folder: Path | None = None) -> Report:
    """Check a recipe for its own set-ups, or for those named; under "all" every one is shown and its own count.

    `folder` is what paths are relative to, the working directory if none is given. Raises GlobmedError for an unknown set-up.
    """
    subject = case(recipe, folder)
    own = own_setups(recipe)
    chosen = rules.ANYWHERE + (rules.FILES if files else ())
    findings = [finding for rule in chosen for finding in rule(subject)]
    if not own:
        findings.append(
            subject.warning("no line `# Set-ups: ...` in the header: say what hardware the recipe is meant for.")
        )
    reports, shown = [], own if setups is None else setups
    if "all" in shown:
        shown = list(dict.fromkeys([*gpus.setups(), *own, *(name for name in shown if name != "all")]))
    for name in shown:
        setup = gpus.setup(name)
        found = [finding for rule in rules.SETUP for finding in rule(subject, setup)]
        counts = name in own or name in (setups or ())
        reports.append(SetupReport(setup, name in own, counts, tuple(_sorted(found, name)), needs(subject, setup)))
    return Report(recipe, tuple(_sorted(findings)), tuple(reports))


def _sorted(findings: list[Finding], setup: str | None = None) -> list[Finding]:
    order = {"error": 0, "warning": 1, "note": 2}
    made = [Finding(one.severity, one.place, one.line, one.message, setup) for one in findings]
    return sorted(made, key=lambda one: (order[one.severity], one.line or 0))


def capabilities(setup: Setup) -> dict[str, Any]:
    """What Axolotl would find on the set-up's machine."""
    found = int(setup.gpu.capability.removeprefix("sm_")) if setup.gpu else 0
    return {
        "bf16": found >= 80,
        "tf32": found >= 80,
        "fp8": found >= 89,
        "n_gpu": setup.gpus,
        "n_node": 1,
        "compute_capability": setup.gpu.capability if setup.gpu else None,
    }


def deep(reports: list[Report], home: str | None = None) -> dict[str, dict[str, dict[str, Any]]]:
    """What Axolotl's own validate_config says: {path: {set-up: {"refused": message or None, "dropped": [key, ...]}}}.

    "dropped" are the keys that are gone afterwards. Raises GlobmedError where Axolotl's environment is missing.
    """
    from . import env

    asked = [
        {
            "name": str(report.recipe.path),
            "settings": report.recipe.settings,
            "setups": {one.setup.name: capabilities(one.setup) for one in report.setups},
        }
        for report in reports
    ]
    return env.run("validate.py", {"recipes": asked, "torch": TORCH}, home=home)["said"]


def as_json(report: Report) -> dict[str, Any]:
    """The report as plain data."""

    def plain(finding: Finding) -> dict[str, Any]:
        place = ".".join(str(part) for part in finding.place)
        return {"severity": finding.severity, "place": place, "line": finding.line, "message": finding.message}

    return {
        "recipe": report.recipe.name,
        "path": str(report.recipe.path),
        "ok": report.ok,
        "findings": [plain(one) for one in report.findings],
        "setups": [
            {
                "name": one.setup.name,
                "own": one.own,
                "counts": one.counts,
                "ok": one.ok,
                "memory_bytes": one.memory.total if one.memory else None,
                "findings": [plain(finding) for finding in one.findings],
            }
            for one in report.setups
        ],
    }
