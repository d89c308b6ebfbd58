"""What every chain of a run shares: templates, the open glossary, the pipeline's checks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

from ...stages import check
from .chain import Tools
from .config import Agents
from .prompts import Prompts
from .terms import glossary


def tools_of(config: Agents, lid_model: Path | None = None) -> Tools:
    """The tools of a chain with these settings. lid_model: of the check of the language, where its own setting is silent."""
    if config.terms is not None and config.glossary is None:
        raise GlobmedError(
            "agents, terms: a model would name terms to look up, and there is no glossary. Name one, or terms: off."
        )
    find = glossary(config.glossary).find if config.glossary else None
    return Tools(config, Prompts(config), find, checks_of(config.check, lid_model))


def checks_of(config: check.Config | None, lid_model: Path | None):
    """(source, translation) -> findings, by these settings; None for none."""
    if config is None:
        return None
    if config.lid_model is None:
        config = replace(config, lid_model=lid_model)

    def compared(source: Entry, made: Entry) -> list[dict[str, Any]]:
        return check.compare(source, made, config)

    return compared
