"""Units that translators convert: miles to kilometres, pounds to kilograms, feet to metres, °F to °C.

>>> factor("mile", "kilometre"), plausible(40, "mile", 64, "kilometre")
(Fraction(25146, 15625), True)
"""

from __future__ import annotations

from fractions import Fraction

from .digits import Number, Value
from .quantities import Reading

#: unit -> (kind of quantity, in the kind's base unit). 1 lb = 0.45359237 kg, 1 in = 2.54 cm, exactly.
_SIZES: dict[str, tuple[str, Fraction]] = {
    "millimetre": ("length", Fraction(1, 1000)),
    "centimetre": ("length", Fraction(1, 100)),
    "metre": ("length", Fraction(1)),
    "kilometre": ("length", Fraction(1000)),
    "inch": ("length", Fraction(254, 10_000)),
    "foot": ("length", Fraction(3048, 10_000)),
    "yard": ("length", Fraction(9144, 10_000)),
    "mile": ("length", Fraction(1_609_344, 1000)),
    "mph": ("speed", Fraction(1_609_344, 1000)),
    "kmh": ("speed", Fraction(1000)),
    "gram": ("mass", Fraction(1)),
    "kilogram": ("mass", Fraction(1000)),
    "pound": ("mass", Fraction(45_359_237, 100_000)),
    "ounce": ("mass", Fraction(45_359_237, 1_600_000)),
    "milligram": ("mass", Fraction(1, 1000)),
    "microgram": ("mass", Fraction(1, 1_000_000)),
    "millilitre": ("volume", Fraction(1)),
    "decilitre": ("volume", Fraction(100)),
    "litre": ("volume", Fraction(1000)),
}
_IMPERIAL = frozenset(("inch", "foot", "yard", "mile", "mph", "pound", "ounce"))
_DEGREES = frozenset(("degree", "celsius", "fahrenheit"))
_CONVERTIBLE = frozenset(_SIZES) | _DEGREES
#: Translators round: 385 miles become 620 km, half an inch 1.3 cm; the last digit written may be off by a half.
TOLERANCE, HALF = Fraction(75, 1000), Fraction(55, 100)


def plausible(source: Value, unit: str, target: Value, into: str) -> bool:
    """Is this quantity the other one, converted and rounded? At least one unit has to be imperial, or both degrees."""
    if unit in _DEGREES and into in _DEGREES:
        celsius = (Fraction(source) - 32) * Fraction(5, 9)
        difference = Fraction(source) * Fraction(5, 9)
        back = Fraction(source) * Fraction(9, 5) + 32
        likely = ()
        if unit != "celsius" and into != "fahrenheit":
            likely = (celsius, difference)
        if unit != "fahrenheit" and into != "celsius":
            likely = (*likely, back)
        return any(abs(target - one) <= 1 for one in likely)
    a, b = _SIZES.get(unit), _SIZES.get(into)
    if not a or not b or a[0] != b[0] or not source or (unit in _IMPERIAL) == (into in _IMPERIAL):
        return False
    expected = source * a[1] / b[1]
    return abs(target - expected) <= max(TOLERANCE * expected, HALF / Fraction(target).denominator)


def converted(of: Reading, to: Reading, source: list[Number], translation: list[Number]) -> list[tuple]:
    """Of left-over numbers those that stand for another number in another unit: (quantity, its other form, side).

    The other form is mostly left over as well ("40 miles", "64 km"); it may stand on the same side ("45 miles (72 km)", of
    which the translation keeps one), or be written in words ("20 feet", "six metres")."""
    pairs = []
    units = [
        {one.unit for one in reading.quantities if one.number in left}
        for reading, left in ((of, source), (to, translation))
    ]
    alike = units[0] & units[1] - {""}  # 45 miles against 49 miles was changed and not converted
    for side, mine, numbers in (("source", of, source), ("translation", to, translation)):
        for number in numbers:
            one = mine.quantity(number)
            if one and one.unit in _CONVERTIBLE and one.unit not in alike:
                for other in (*(to if mine is of else of).quantities, *mine.quantities):
                    if other.unit and plausible(one.number.value, one.unit, other.number.value, other.unit):
                        pairs.append((one, other, side))
                        break
    return pairs
