"""recipes/README.md: its commands exist, and its figures are those of the recipes' headers, which a command writes."""

from __future__ import annotations

import re

from globmed_tools import resources
from globmed_tools.recipes import cli, recipe

README = resources.recipes() / "README.md"
#: "# 1x24gb: 15 of 24 GiB a GPU (14 in evaluation), 5,716 steps, 27 hours, 12.0 kWh."
COST = re.compile(r"^\d+x\w+: (\d+) of \d+ GiB a GPU .*?([\d.]+) hours", re.MULTILINE)


def test_what_each_recipe_costs_is_what_its_header_says():
    rows = [line.split("|")[2:5] for line in README.read_text("utf-8").splitlines() if line.startswith("| ")]
    said = 0
    for names, memory, hours in rows:
        for name, *cost in zip(re.findall(r"`([\w.-]+)`", names), memory.split(","), hours.split(",")):
            if cost != [" - ", " - "]:
                assert tuple(each.strip() for each in cost) in COST.findall(recipe.read(name).header), name
                said += 1
    assert said == 11


def test_every_command_is_mentioned_and_none_that_is_not_there():
    named = set(re.findall(r"globmed recipes ([a-z]+)", README.read_text("utf-8")))
    assert named == set(cli.MODULES) - {"list"}
