"""How many entries each language and each set of a mix gives. Plain arithmetic, exact and without data.

    shares({"en": 10000, "sw": 100}, 2)                 {"en": 10/11, "sw": 1/11}        n^(1/2): 100 to 10
    allot(100, {"en": 1, "sw": 1}, {"en": 90, "sw": 20})    {"en": 80, "sw": 20}         sw is full, en takes the surplus

The share of language l is p_l = n_l^(1/T) / sum of n_k^(1/T), n_l being the entries that it has: T = 1 leaves the languages as
they are, T = infinity makes them equal. (XLM-R and mT5 draw by the same rule, their exponent 0.3 is T = 3.3.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

#: Decimal digits that a power is rounded to, so that a last bit that differs between machines moves no entry.
_DIGITS = 12


def shares(counts: Mapping[str, int], temperature: float) -> dict[str, Fraction]:
    """p_l of every language, summing to 1; a language of no entries gets 0."""
    weights = {name: _power(count, temperature) for name, count in counts.items()}
    total = sum(weights.values())
    return {name: weight / total if total else Fraction(0) for name, weight in weights.items()}


def _power(count: int, temperature: float) -> Fraction:
    if count == 0:
        return Fraction(0)
    if temperature == 1:
        return Fraction(count)
    if math.isinf(temperature):
        return Fraction(1)
    return Fraction(f"{count ** (1 / temperature):.{_DIGITS}g}")


def allot(total: int, weights: Mapping[str, Fraction | int], limits: Mapping[str, int]) -> dict[str, int]:
    """`total` split in proportion to the weights, nobody over its limit; what is over a limit is spread over the others in
    proportion to theirs. Whole numbers by largest remainder, equal remainders by name. Weight 0 gets nothing.

    The sum is `total`, or the sum of the limits of all that weigh something, where that is less.
    """
    open_, given = {name for name, weight in weights.items() if weight > 0}, dict.fromkeys(weights, 0)
    left = min(total, sum(limits[name] for name in open_))
    while True:
        whole = sum(Fraction(weights[name]) for name in open_)
        quotas = {name: left * Fraction(weights[name]) / whole for name in open_} if whole else {}
        full = [name for name in open_ if quotas[name] > limits[name]]
        if not full:
            break
        for name in full:
            given[name] = limits[name]
            left -= limits[name]
            open_.remove(name)
    for name, quota in quotas.items():
        given[name] = math.floor(quota)
    missing = left - sum(math.floor(quota) for quota in quotas.values())
    for name in sorted(quotas, key=lambda one: (math.floor(quotas[one]) - quotas[one], one))[:missing]:
        given[name] += 1
    return given


def set_weights(
    counts: Mapping[str, int], forms: Mapping[str, str], sets: Mapping[str, Fraction], by_form: Mapping[str, Fraction]
) -> dict[str, Fraction]:
    """The weight of each set within one language that has `counts` entries of each.

    sets and by_form give shares of the whole mix. A form's share goes to its named sets first, the rest of it to its other
    sets in proportion to their entries; so does what neither a set nor a form was named for. What a language does not have
    falls to the rest of it, for weights are relative.
    """
    weights, pools = {}, {}
    for name, count in counts.items():
        if name in sets:
            weights[name] = sets[name] if count else Fraction(0)
        else:
            pool = forms[name] if forms[name] in by_form else None
            pools.setdefault(pool, {})[name] = count
    for pool, members in pools.items():
        share = pool_share(pool, forms, sets, by_form)
        whole = sum(members.values())
        weights.update({name: share * count / whole if whole else Fraction(0) for name, count in members.items()})
    return weights


def pool_share(
    pool: str | None, forms: Mapping[str, str], sets: Mapping[str, Fraction], by_form: Mapping[str, Fraction]
) -> Fraction:
    """What is left for the unnamed sets of a form, or (None) of all forms without a share. Negative where too much was named."""
    if pool is not None:
        return by_form[pool] - sum(share for name, share in sets.items() if forms.get(name) == pool)
    outside = sum(share for name, share in sets.items() if forms.get(name) not in by_form)
    return 1 - sum(by_form.values(), Fraction(0)) - outside
