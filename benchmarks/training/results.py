"""From the times of steps to figures, and to the table that is shown.

results.figures(found, settings, model, "h100")   {"tokens_a_second": ..., "mfu": ..., "hfu": ..., ...}
"""

from __future__ import annotations

import statistics
from typing import Any

from globmed_tools.recipes import flops, gpus, plan_data
from globmed_tools.recipes.models import Model


def figures(
    found: dict[str, Any], settings: dict[str, Any], model: Model, gpu: str | None, *, shrunk: bool = False
) -> dict[str, Any]:
    """Speed over all timed steps and GPUs; MFU and HFU by flops.py. A shrunk model has no MFU."""
    seconds = sum(step["seconds"] for step in found["steps"])
    tokens = sum(step["tokens"] for step in found["steps"])
    row = {
        "tokens_a_second": round(tokens / seconds, 1),
        "slowest_step": round(max(step["seconds"] for step in found["steps"]), 3),
        "median_step": round(statistics.median(step["seconds"] for step in found["steps"]), 3),
        "packing": round(tokens / sum(step["room"] for step in found["steps"]), 4),
        "losses": [round(loss, 3) for loss in found["losses"]],
        "peak_gib": _gib(found["peak_allocated"]),
        "reserved_gib": _gib(found["peak_reserved"]),
        "device": found["device"],
        "gpus": found["gpus"],
        "python": found["python"],
        "versions": {name: version for name, version in found["versions"].items() if version},
    }
    if shrunk or not gpu:
        return row | {"shrunk": shrunk}
    drawn = [length for length in plan_data.reference("qwen").all if length <= settings["sequence_len"]]
    work = flops.per_token(settings, model, mean_square=sum(length * length for length in drawn) / sum(drawn))
    peak = gpus.get(gpu).tflops
    speed = tokens * found["gpus"] / seconds
    return row | {
        "mfu": round(flops.utilisation(speed, work.model, found["gpus"], peak), 4),
        "hfu": round(flops.utilisation(speed, work.hardware, found["gpus"], peak), 4),
        "peak_tflops": peak,
    }


def _gib(size: int | None) -> float | None:
    return None if size is None else round(size / 2**30, 2)


def markdown(rows: list[dict[str, Any]]) -> str:
    """The table of all rows, what failed, and the machine."""
    head = "| recipe | variant | tokens/s | MFU | HFU | peak GiB | estimate | rows full |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    ran = [row for row in rows if "failed" not in row]
    lines = [head, *(_line(row) for row in ran)]
    lines += [f"\n{row['recipe']}, {row['variant']}: {row['failed']}" for row in rows if "failed" in row]
    if any(row.get("shrunk") for row in ran):
        lines.append("\nA rehearsal with shrunk models on a CPU: it shows that everything runs, and no speed.")
    machines = {f"{row['gpus']} x {row['device']}, Python {row['python']}, {_versions(row)}" for row in ran}
    return "\n".join([*lines, "", *sorted(machines), ""])


def _versions(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {version}" for name, version in row["versions"].items())


def _line(row: dict[str, Any]) -> str:
    share = ["-" if row.get(key) is None else f"{row[key]:.1%}" for key in ("mfu", "hfu")]
    sizes = ["-" if row.get(key) is None else f"{row[key]:.1f}" for key in ("peak_gib", "estimate_gib")]
    cells = [row["recipe"], row["variant"], f"{row['tokens_a_second']:,.0f}", *share, *sizes, f"{row['packing']:.1%}"]
    return f"| {' | '.join(cells)} |"
