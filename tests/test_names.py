"""Task names are taken apart as they were put together."""

from __future__ import annotations

from globmed_tools import names
from globmed_tools.bench import generate


def test_every_task_name_round_trips():
    for kind in names.PREFIXES:
        for task in generate.task_names(kind):
            assert names.task_name(*names.parts(task)) == task


def test_names_with_underscores_and_foreign_names():
    assert names.parts("globmed_expertqa_bio_wo") == ("gen", "expertqa_bio", "wo")
    assert names.parts("globmedll_mmlu_pro_zu") == ("ll", "mmlu_pro", "zu")
    assert names.parts("globmed-sw") is names.parts("mmlu_pro_zu") is names.parts("globmed_medqa_xx") is None
