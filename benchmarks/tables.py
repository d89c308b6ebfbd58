"""What both benchmarks print: Markdown tables that go into README.md unchanged, and the machine that they ran on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

PACKAGES = ("globmed", "lm_eval", "datasets", "transformers", "torch", "regex")


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """One Markdown table, the first column on the left and all others on the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> dict[str, str]:
    """Cores, Python and package versions, as text."""
    return {
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def machine_line() -> str:
    """The same in one line."""
    return ", ".join(f"{name} {value}" for name, value in machine().items())
