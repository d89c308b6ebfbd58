"""The lines on cost in a shipped recipe's header, written by `globmed recipes plan --stamp` and never by hand.

# -- plan
# Stamped by `globmed recipes plan --stamp`, for the reference data; hours assume an MFU of 40 %, which was not measured.
# ...
# -- end
"""

from __future__ import annotations

import re
from pathlib import Path

from .. import resources
from ..errors import GlobmedError
from . import gpus, plan, recipe

BEGIN, END = "# -- plan", "# -- end"
FIRST = "Stamped by `globmed recipes plan --stamp`; estimates, hours at an MFU of {mfu:.0%} that was not measured."


def stamp(name: str | Path) -> str:
    """The lines between the marks, each with its `#`, for the set-ups that the recipe's header names."""
    read = recipe.read(name)
    setups = setups_of(read)
    rented = [setup for setup in setups if setup.gpu]
    if not rented:
        return "# No GPU: a minute on a CPU, on the bundled sample."
    plans = [plan.make(read, setup) for setup in rented]
    one = plans[0]
    lines = [
        FIRST.format(mfu=plan.MFU),
        f"Data: {one.data}; {_millions(one.tokens_an_epoch)} tokens an epoch, {_millions(one.trained_an_epoch)} of them trained on.",
        f"Rows {one.packing:.0%} full, {one.epochs:g} epochs, {_millions(one.memory.trained)} trained parameters.",
    ]
    for made in plans:
        lines.append(
            f"{made.setup}: {made.memory.gib:.0f} of {made.memory_gib:.0f} GiB a GPU ({made.evaluation_gib:.0f} in evaluation), "
            f"{made.steps:,} steps, {_hours(made.hours)} hours, {made.kwh:.1f} kWh."
        )
    return "\n".join(f"# {line}" for line in lines)


def setups_of(read: recipe.Recipe) -> list[gpus.Setup]:
    """The set-ups that a header names: `Set-ups: 1xh100, 8xh100`. Raises GlobmedError where that line is missing."""
    found = re.search(r"^Set-ups: (.+)$", read.header, re.M)
    if not found:
        raise GlobmedError(f"{read.path}: its header has no line `# Set-ups: 1xh100, ...`. Add one.")
    return [gpus.setup(name.strip()) for name in found[1].split(",")]


def _millions(count: float) -> str:
    if count >= 1e9:
        return f"{count / 1e9:.2f} billion"
    return f"{count / 1e6:.1f} million" if count < 1e8 else f"{count / 1e6:.0f} million"


def _hours(hours: float) -> str:
    return f"{hours:.1f}" if hours < 10 else f"{hours:.0f}"


def stamped(path: Path) -> str:
    """The file's text with its lines on cost as they should be. Raises GlobmedError where a mark is missing."""
    text = path.read_text("utf-8")
    lines = text.split("\n")
    if lines.count(BEGIN) != 1 or lines.count(END) != 1 or lines.index(END) < lines.index(BEGIN):
        raise GlobmedError(f"{path}: needs one line {BEGIN!r} and after it one line {END!r} in its header. Add them.")
    return "\n".join([*lines[: lines.index(BEGIN) + 1], stamp(path), *lines[lines.index(END) :]])


def drift(folder: Path | None = None, *, write: bool = False) -> list[Path]:
    """The recipes whose lines are not as they should be, rewritten where `write` says so."""
    found = []
    for path in sorted((folder or resources.recipes()).glob("*.yml")):
        wanted = stamped(path)
        if wanted != path.read_text("utf-8"):
            found.append(path)
            if write:
                path.write_text(wanted, "utf-8")
    return found
