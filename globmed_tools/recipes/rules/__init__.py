"""The rules of `globmed recipes check`, a subject a module. A new rule is a function in one of them, or a module added here.

keys.py       every key known, every value of its type, names such as optimisers known
training.py   learning rate, warm-up, epochs, saving and evaluating, batches, seed
adapter.py    LoRA and QLoRA
packing.py    sequence length, packing, the attention that keeps packed entries apart
chat.py       chat template, the turn terminator, which roles are trained on
files.py      base model, data files, output folder
rows.py       what the rows of the data files hold; no item both trained on and evaluated on
sharding.py   FSDP and DeepSpeed
hardware.py   what a set-up cannot do, and its memory
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..gpus import Setup
from . import adapter, chat, files, hardware, keys, packing, rows, sharding, training
from .case import Case, Finding

#: Rules about the recipe alone.
ANYWHERE: tuple[Callable[[Case], Iterable[Finding]], ...] = (
    keys.known,
    training.rules,
    adapter.rules,
    packing.rules,
    chat.rules,
    sharding.rules,
)
#: Rules that read files; left out by --ignore-files.
FILES: tuple[Callable[[Case], Iterable[Finding]], ...] = (files.rules, rows.rules)
#: Rules about one set-up.
SETUP: tuple[Callable[[Case, Setup], Iterable[Finding]], ...] = (hardware.rules, sharding.setup_rules)
