"""The only place that knows where tasks/, recipes/ and the sample are, in a checkout and in an installed wheel.

In a checkout (or an editable install) the folders stand beside the package; the wheel puts the tasks under
lm_eval/tasks/globmed, where lm-eval finds them by itself, and the recipes into the package globmed_tools.recipes.
"""

from __future__ import annotations

from pathlib import Path

from .errors import GlobmedError

_PACKAGE = Path(__file__).resolve().parent


def checkout() -> Path | None:
    """The root of the checkout that this package runs from, or None for an installed wheel."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "tasks").is_dir() else None


def tasks() -> Path:
    """The folder of the task YAML files."""
    root = checkout()
    folder = root / "tasks" if root else _PACKAGE.parent / "lm_eval" / "tasks" / "globmed"
    if not folder.is_dir():
        raise GlobmedError(
            f"{folder}: the task files are missing. Install globmed again: pip install --force-reinstall globmed."
        )
    return folder


def tasks_installed() -> bool:
    """True where lm-eval finds our tasks without --include_path (an installed wheel)."""
    return checkout() is None


def sample() -> Path:
    """The folder of the bundled sample: <language>.jsonl."""
    return _PACKAGE / "sample"


def recipes() -> Path:
    """The folder of the training recipes: <name>.yml, their README and the model card's template."""
    root = checkout()
    folder = root / "recipes" if root else _PACKAGE / "recipes" / "shipped"
    if not folder.is_dir():
        raise GlobmedError(
            f"{folder}: the recipes are missing. Install globmed again: pip install --force-reinstall globmed."
        )
    return folder


def tasks_for_lm_eval() -> str:
    """For the entry-point group `lm_eval.tasks`, once lm-eval has it: the folder, or "" where lm-eval finds it already."""
    return "" if tasks_installed() else str(tasks())
