"""Markdown from Jinja templates: cards and reports are filled strictly, a missing value is an error and never an empty place.

markdown(folder, n=...).get_template("card.md.jinja").render(...)
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def markdown(folder: Path, **filters: Callable):
    """A jinja2 Environment for the templates of `folder`; `cell` makes a value fit for a cell of a table."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    made.filters["cell"] = lambda value: " ".join(str(value).split()).replace("|", "\\|")
    made.filters.update(filters)
    return made
