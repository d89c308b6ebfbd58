"""Packing: by hand, against a walk along the rows, and against Axolotl's sampler."""

import random

import pytest

from globmed_tools.recipes import packing, plan_data

from .test_memory import side


def walk(lengths, capacity, bin_size):
    """First fit as it is defined."""
    rows, free = [], []
    for place, length in enumerate(lengths):
        for number, room in enumerate(free):
            if room >= length and len(rows[number]) < bin_size:
                rows[number].append(place)
                free[number] -= length
                break
        else:
            rows.append([place])
            free.append(capacity - length)
    return rows


def test_first_fit_by_hand():
    assert packing.first_fit([5, 7, 5, 3, 2, 10], 10) == [[0, 2], [1, 3], [4], [5]]
    assert packing.first_fit([1, 1, 1, 1, 1], 10, bin_size=2) == [[0, 1], [2, 3], [4]]
    assert packing.first_fit([], 10) == []
    assert packing.first_fit([10], 10) == [[0]]


def test_an_entry_that_fits_nowhere_is_refused():
    with pytest.raises(ValueError, match="11 tokens does not fit a row of 10"):
        packing.first_fit([3, 11], 10)


@pytest.mark.parametrize("bin_size", [1, 3, 200])
def test_the_tree_finds_the_same_row_as_a_walk(bin_size):
    for seed in range(40):
        chance = random.Random(seed)
        lengths = [chance.randint(1, 100) for _ in range(chance.randint(1, 120))]
        assert packing.first_fit(lengths, 100, bin_size) == walk(lengths, 100, bin_size)


def test_groups_are_packed_by_themselves():
    assert packing.pack([5, 5, 5, 5], capacity=10, group=1).bins == 4
    found = packing.pack([5, 5, 5, 5], capacity=10)
    assert (found.bins, found.tokens, found.slots, found.efficiency) == (2, 20, 20, 1.0)


def test_micro_batches_of_one_row_or_of_many():
    settings = {"sequence_len": 10, "micro_batch_size": 2, "sample_packing": True}
    lengths = [10] * 5
    flash = packing.micro_batches(lengths, settings | {"attn_implementation": "flash_attention_2"})
    assert (flash[0], flash[1].slots) == (3, 60)
    # sdpa: two rows a micro batch; the fifth row alone is dropped.
    sdpa = packing.micro_batches(lengths, settings | {"attn_implementation": "sdpa"})
    assert (sdpa[0], sdpa[1].slots) == (2, 50)


def test_without_packing_rows_are_padded_to_the_longest():
    settings = {"sequence_len": 10, "micro_batch_size": 2}
    assert packing.micro_batches([4, 4, 4, 4], settings)[1].efficiency == 1.0
    assert packing.micro_batches([4, 4, 4, 4], settings | {"pad_to_sequence_len": True})[1].efficiency == 0.4


@pytest.mark.axolotl
def test_rows_are_those_of_axolotl(axolotl_env):
    lengths = plan_data.reference("qwen").all
    random.Random(1).shuffle(lengths)
    tasks = []
    for capacity, group, bin_size in ((4096, 100_000, 200), (2048, 700, 200), (8192, 100_000, 20)):
        kept = [length for length in lengths if length <= capacity][:3000]
        tasks.append({"task": "pack", "lengths": kept, "capacity": capacity, "group": group, "bin_size": bin_size})
    for task, real in zip(tasks, side(axolotl_env, tasks), strict=True):
        kept, capacity, group, bin_size = (task[name] for name in ("lengths", "capacity", "group", "bin_size"))
        ours = [
            [start + place for place in row]
            for start in range(0, len(kept), group)
            for row in packing.first_fit(kept[start : start + group], capacity, bin_size)
        ]
        assert ours == real["rows"]
        packed = packing.pack(kept, capacity=capacity, group=group, bin_size=bin_size)
        assert packed.efficiency == pytest.approx(real["efficiency"], abs=1e-9)
