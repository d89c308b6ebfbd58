"""Which rows are held out for evaluation, and how often each other one is drawn.

held_out(index, rows, options)     {"sw": groups that evaluate sw}: held out in ALL languages
Draw(index, rows, options).plan    entries by (language, set), as plan settles them
Draw(...).rows()                   (row, how often) of all that is drawn

Which of a set's rows come first is a matter of xxh3(seed, id) alone: a smaller mix is part of a larger one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate

import xxhash

from ... import languages
from ...errors import GlobmedError, suggest
from . import balance
from .conversations import UNKNOWN
from .indexing import Index
from .options import EVAL_GROUPS, EVAL_PART, Options

Cell = tuple[str, str]


def held_out(index: Index, rows: list[int], options: Options) -> dict[str, set[int]]:
    """The groups that evaluate each language: the first of its groups by xxh3(seed, group). Parallel languages share them.

    GlobmedError where nothing would be left to train on in a language.
    """
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(index.language(row), set()).add(index.groups[row])
    chosen = {}
    for code, groups in found.items():
        wanted = options.eval_per_language
        if wanted is None:
            wanted = min(EVAL_GROUPS, max(len(groups) // EVAL_PART, int(len(groups) > 1)))
        elif wanted >= len(groups):
            raise GlobmedError(
                f"{code}: {wanted:,} evaluation groups of {len(groups):,} would leave nothing to train on. Lower "
                "--eval-per-language, or leave the language out."
            )
        chosen[code] = set(sorted(groups, key=lambda one: (_hash(options.seed, one), one))[:wanted])
    taken = set().union(*chosen.values())
    for code, groups in found.items():
        if groups <= taken:
            raise GlobmedError(
                f"{code}: all of its {len(groups):,} groups are held out, here or for other languages. Lower "
                "--eval-per-language, or leave the language out."
            )
    return chosen


def _hash(seed: int, *numbers: int) -> int:
    packed = b"".join(number.to_bytes(8, "little") for number in numbers)
    return xxhash.xxh3_64_intdigest(packed, seed & ((1 << 64) - 1))


def excluded(forms: dict[str, str], options: Options) -> set[str]:
    """The sets that the shares leave nothing to; GlobmedError where the shares cannot be meant."""
    present = set(forms.values())
    for kind, named, there in (("set", options.sets, forms), ("form", options.forms, present)):
        for name in named:
            if name not in there:
                raise GlobmedError(
                    f"--{kind} {name}: not in the input{suggest(name, there)}. It has {', '.join(sorted(there))}."
                )
    if options.forms and UNKNOWN in present:
        strange = sorted(name for name, form in forms.items() if form == UNKNOWN)
        raise GlobmedError(f"--form: the form of {', '.join(strange)} is not known. Give shares by --set.")
    if not options.forms and not options.sets:
        return set()
    pools: dict[str | None, list[str]] = {form: [] for form in (*options.forms, None)}
    for name, form in forms.items():
        if name not in options.sets:
            pools[form if form in options.forms else None].append(name)
    left_out = {name for name, share in options.sets.items() if share == 0}
    for pool, members in pools.items():
        share = balance.pool_share(pool, forms, options.sets, options.forms)
        what = f"form {pool}" if pool else "the sets and forms that were not named"
        if share < 0:
            raise GlobmedError(f"{what}: {-float(share):g} less than nothing is left by the shares given. Lower some.")
        if share and not members:
            raise GlobmedError(f"{what}: no set for the {float(share):g} that the shares leave. Raise the others.")
        left_out |= set() if share else set(members)
    return left_out


class Draw:
    """The plan of a mix over the rows that may be trained on. available: entries by cell; p: target share by language."""

    def __init__(self, index: Index, rows: list[int], options: Options):
        self.index, self.options = index, options
        keys = array("Q", (_hash(options.seed, index.high[row], index.low[row]) for row in range(len(index))))
        self._ranked: dict[Cell, list[int]] = {}
        for row in sorted(rows, key=lambda one: (keys[one], index.high[one], index.low[one])):
            self._ranked.setdefault((index.language(row), index.set(row)), []).append(row)
        self.available = {cell: len(ranked) for cell, ranked in sorted(self._ranked.items())}
        self.languages = [code for code in languages.codes() if any(code == one for one, _ in self.available)]
        counts = {code: self._of(code) for code in self.languages}
        self.p = balance.shares({code: sum(sets.values()) for code, sets in counts.items()}, options.temperature)
        self._weights = {
            code: balance.set_weights(sets, index.forms, options.sets, options.forms) for code, sets in counts.items()
        }
        self.capacity = options.max_repeats * sum(self.available.values())
        self.plan = self._plan(self._size())

    def _of(self, code: str) -> dict[str, int]:
        return {name: count for (one, name), count in self.available.items() if one == code}

    def _plan(self, total: int) -> dict[Cell, int]:
        """Entries of each cell in a mix of `total`: languages first, then sets within each."""
        cap = self.options.max_repeats
        sets = {code: {name: cap * count for name, count in self._of(code).items()} for code in self.languages}
        drawn = balance.allot(total, self.p, {code: sum(limits.values()) for code, limits in sets.items()})
        plan = {}
        for code, limits in sets.items():
            for name, count in balance.allot(drawn[code], self._weights[code], limits).items():
                plan[code, name] = count
        return plan

    def _size(self) -> int:
        if self.options.tokens is not None:
            return self._size_in_tokens(self.options.tokens)
        wanted = self.options.entries
        if wanted is not None and wanted > self.capacity:
            raise GlobmedError(
                f"--entries {wanted:,}: the data gives {self.capacity:,} with every entry {self.options.max_repeats} times. "
                "Ask for less, or raise --max-repeats."
            )
        return sum(self.available.values()) if wanted is None else wanted

    def _size_in_tokens(self, budget: int) -> int:
        """The most entries whose tokens are within the budget."""
        sums = {
            cell: list(accumulate((self.index.tokens[row] for row in ranked), initial=0))
            for cell, ranked in self._ranked.items()
        }

        def tokens(total: int) -> int:
            whole = 0
            for cell, count in self._plan(total).items():
                rounds, rest = divmod(count, self.available[cell])
                whole += rounds * sums[cell][-1] + sums[cell][rest]
            return whole

        if (most := tokens(self.capacity)) < budget:
            raise GlobmedError(
                f"--tokens {budget:,}: the data gives {most:,} with every entry {self.options.max_repeats} times. Ask for "
                "less, or raise --max-repeats."
            )
        found = bisect_right(range(self.capacity + 1), budget, key=tokens) - 1
        while found > 0 and tokens(found) > budget:  # rounding by largest remainder may step back by an entry
            found -= 1
        if found <= 0:
            raise GlobmedError(f"--tokens {budget:,}: less than one entry. Ask for more.")
        return found

    def rows(self) -> Iterator[tuple[int, int]]:
        """Each row that is drawn, and how often."""
        for cell, count in self.plan.items():
            rounds, rest = divmod(count, self.available[cell])
            for rank, row in enumerate(self._ranked[cell]):
                if times := rounds + (rank < rest):
                    yield row, times

    def shuffled(self) -> Iterator[int]:
        """The rows of the training file in its order: by xxh3(seed, id, repeat)."""
        index, drawn, keys = self.index, array("I"), array("Q")
        for row, times in self.rows():
            for repeat in range(times):
                drawn.append(row)
                keys.append(_hash(self.options.seed, index.high[row], index.low[row], repeat))
        for place in sorted(range(len(drawn)), key=keys.__getitem__):
            yield drawn[place]

    def target(self, code: str) -> Fraction:
        """p_l of a language."""
        return self.p[code]


def evaluation(index: Index, rows: list[int], code: str, groups: set[int], seed: int) -> list[int]:
    """The rows that evaluate a language, in the order of their groups, which is the same in every language."""
    found = [row for row in rows if index.groups[row] in groups and index.language(row) == code]
    return sorted(found, key=lambda row: (_hash(seed, index.groups[row]), index.high[row], index.low[row]))
