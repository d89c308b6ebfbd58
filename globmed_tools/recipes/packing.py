"""How full the rows are that Axolotl packs entries into.

    packing.pack([300, 900, 200, 700], capacity=1024, bin_size=200)    Packed(bins=3, tokens=2100, slots=3072)

Axolotl's MultipackBatchSampler takes the shuffled entries in groups of `sample_packing_group_size` (100,000) and puts each into
the first row that has room and holds fewer than `sample_packing_bin_size` (200) entries. It does not sort them first. This
is the same, with a tree over the rows' free space in place of a walk along them; a test compares the rows.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

GROUP, BIN = 100_000, 200
#: The settings that decide how rows are filled, beside `one_row`.
SETTINGS = (
    "sequence_len",
    "micro_batch_size",
    "sample_packing",
    "sample_packing_bin_size",
    "sample_packing_group_size",
    "pad_to_sequence_len",
)
#: Attention that tells packed entries apart by itself: Axolotl then makes one row of a whole micro batch. With the rest (sdpa,
#: eager) it fills micro_batch_size rows of sequence_len each.
ONE_ROW = ("flash", "flex", "xformers", "sage", "kernels-community/")


@dataclass(frozen=True, slots=True)
class Packed:
    """Rows, the tokens in them, and the tokens that they have room for."""

    bins: int
    tokens: int
    slots: int

    @property
    def efficiency(self) -> float:
        return self.tokens / self.slots if self.slots else 0.0


def first_fit(lengths: Sequence[int], capacity: int, bin_size: int = BIN) -> list[list[int]]:
    """The rows, each a list of positions in `lengths`. No length may be over the capacity (ValueError)."""
    if any(length > capacity for length in lengths):
        raise ValueError(f"an entry of {max(lengths)} tokens does not fit a row of {capacity}")
    # Two neighbouring rows are together more than one full, or hold bin_size entries: so many rows suffice.
    bound = 2 * sum(lengths) // capacity + 2 * len(lengths) // bin_size + 2
    leaves = 1 << (min(bound, len(lengths)) or 1).bit_length()
    free = [capacity] * (2 * leaves)
    rows: list[list[int]] = []
    for position, length in enumerate(lengths):
        node = 1
        while node < leaves:
            node *= 2
            if free[node] < length:
                node += 1
        row = node - leaves
        if row == len(rows):
            rows.append([])
        rows[row].append(position)
        free[node] = -1 if len(rows[row]) == bin_size else free[node] - length
        while node > 1:
            node //= 2
            free[node] = max(free[2 * node], free[2 * node + 1])
    return rows


def pack(lengths: Sequence[int], *, capacity: int, bin_size: int = BIN, group: int = GROUP) -> Packed:
    """All groups in turn, in the order given."""
    bins = sum(
        len(first_fit(lengths[start : start + group], capacity, bin_size)) for start in range(0, len(lengths), group)
    )
    return Packed(bins, sum(lengths), bins * capacity)


def one_row(settings: dict[str, Any]) -> bool:
    """Does a micro batch become one packed row? As Axolotl's `attn_supports_packing` and `multipack_real_batches` say."""
    from .memory import attention

    real = settings.get("multipack_real_batches")
    return attention(settings).startswith(ONE_ROW) if real is None else not real


def micro_batches(lengths: Sequence[int], settings: dict[str, Any], *, seed: int = 42) -> tuple[int, Packed]:
    """(micro batches of an epoch, how full they are), for entries that all fit sequence_len, shuffled by `seed`."""
    shuffled = list(lengths)
    random.Random(seed).shuffle(shuffled)
    size, width = int(settings.get("micro_batch_size") or 1), int(settings["sequence_len"])
    if not settings.get("sample_packing"):
        rows = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
        padded = bool(settings.get("pad_to_sequence_len"))
        slots = sum(len(row) * (width if padded else max(row)) for row in rows)
        return len(rows), Packed(len(rows), sum(shuffled), slots)
    single = one_row(settings)
    done = pack(
        shuffled,
        capacity=width * size if single else width,
        bin_size=int(settings.get("sample_packing_bin_size") or BIN),
        group=int(settings.get("sample_packing_group_size") or GROUP),
    )
    # The last micro batch is left out where its rows are too few, as the sampler's drop_last does.
    return (done.bins if single else done.bins // size), done
