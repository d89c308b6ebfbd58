"""The table of accelerators, and the set-ups that a recipe is checked for.

gpus.get("h100").tflops    989.4
gpus.setup("8xh100")       Setup(name="8xh100", gpus=8, gpu=Gpu(name="h100", ...))
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..errors import GlobmedError, suggest


@dataclass(frozen=True, slots=True)
class Gpu:
    """Memory in GiB, dense bf16 throughput in TFLOP/s, board power in W, compute capability as CUDA names it."""

    name: str
    title: str
    memory_gib: float
    tflops: float
    watts: int
    capability: str


@dataclass(frozen=True, slots=True)
class Setup:
    """`gpus` accelerators of one kind in one machine; none for a CPU."""

    name: str
    gpus: int
    gpu: Gpu | None


@functools.cache
def _tables() -> tuple[dict[str, Gpu], dict[str, Setup]]:
    read = tomllib.loads((Path(__file__).parent / "gpus.toml").read_text("utf-8"))
    gpus = {row["name"]: Gpu(**row) for row in read["gpu"]}
    setups = {row["name"]: Setup(row["name"], row["gpus"], gpus.get(row.get("gpu"))) for row in read["setup"]}
    return gpus, setups


def names() -> list[str]:
    """The accelerators of the table."""
    return list(_tables()[0])


def setups() -> list[str]:
    """The set-ups of the table."""
    return list(_tables()[1])


def get(name: str) -> Gpu:
    """An accelerator by name. Raises GlobmedError with what is known."""
    gpus = _tables()[0]
    if name not in gpus:
        raise GlobmedError(f"unknown GPU {name!r}{suggest(name, gpus)}. Known: {', '.join(gpus)}.")
    return gpus[name]


def setup(name: str) -> Setup:
    """A set-up by name, also "4xa100" of any accelerator in the table. Raises GlobmedError with what is known."""
    known = _tables()[1]
    if name in known:
        return known[name]
    count, _, gpu = name.partition("x")
    if count.isdecimal() and int(count) and gpu in _tables()[0]:
        return Setup(name, int(count), get(gpu))
    raise GlobmedError(
        f"unknown set-up {name!r}{suggest(name, known)}. Known: {', '.join(known)}, or a count and a GPU such as "
        f"4xa100 ({', '.join(names())})."
    )
