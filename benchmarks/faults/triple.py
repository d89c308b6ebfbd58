"""The Zulu triple of MMLU's clinical sections: what the checks say of a human, a machine and a back-translation.

    >>> triple(data, Config())["human"]["flagged"]
    {'numbers': 12, ...}

604 items each, English as the source. The back-translation is English again: language, script, length and what compares
words of two languages say nothing there, so only the checks of numbers, units, comparison, negation and options are run,
with English as both languages. `Human` and `machine` are seen by all checks, and by that shorter list for comparison.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from globmed_curation.checks.registry import CHECKS
from globmed_curation.stages.check import Config, Rule

from .measure import judge_items
from .options import african

FOLDERS = {"human": "mmlu_cm_ck_vir", "machine": "mmlu_cm_ck_vir_mt", "back-translation": "mmlu_cm_ck_vir_bt"}
#: What can be compared where both sides are English.
EITHER = ("numbers", "units", "doses", "comparison", "dates", "negation", "options", "loop", "leak")


def triple(data: Path, config: Config) -> dict[str, dict[str, Any]]:
    """version -> items, flagged by any check, by check, and examples (check -> [English, other, spans], at most three)."""
    fewer = {name: Rule(severity="off") for name in CHECKS if name not in EITHER}
    both = replace(config, checks={**config.checks, **fewer})
    found = {}
    for version, folder in FOLDERS.items():
        items = african(data, folder)
        back = version == "back-translation"
        checks = judge_items(items, both if back else config, "en" if back else None)
        found[version] = {
            "items": len(items),
            "caught": sum(map(bool, checks)),
            "checks": Counter(name for one in checks for name in one),
            "caught by those that fit English beside English": sum(bool(set(one) & set(EITHER)) for one in checks),
            "examples": _examples(items, checks),
        }
    return found


def _examples(items, verdicts, most: int = 3) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for item, checks in zip(items, verdicts):
        for name, spans in checks.items():
            if len(found.setdefault(name, [])) < most and spans:
                both = (item.source, *item.source_options), (item.translation, *item.options)
                found[name].append([*(" | ".join(side) for side in both), spans])
    return found
