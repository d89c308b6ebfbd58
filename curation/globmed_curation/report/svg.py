"""Small pictures as inline SVG: the flow of entries through the stages, and bars. Colours come from the page's CSS.

bars([0, 3, 9, 1], label="kept: 13 entries", second=[1, 0, 0, 0], lines=[(0.5, "threshold")])
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

from markupsafe import Markup, escape


def bars(
    counts: Sequence[int],
    *,
    label: str,
    second: Sequence[int] = (),
    lines: Sequence[tuple[float, str]] = (),
    width: int = 120,
    height: int = 28,
) -> Markup:
    """One bar a count, the tallest as high as the picture; heights are square roots, so that few are seen beside many.

    second: counts drawn on top of the first in the colour of drops; lines: (place from 0 to 1, class) of upright lines.
    """
    second = second or [0] * len(counts)
    most = max((a + b for a, b in zip(counts, second)), default=0) or 1
    step = width / max(len(counts), 1)
    kept, drops = [], []
    for number, (a, b) in enumerate(zip(counts, second)):
        x, whole, part = number * step, height * sqrt((a + b) / most), 0.0
        if a + b:
            whole = max(whole, 1.5)
            part = whole * a / (a + b)
        if a:
            kept.append(f"M{x:.1f} {height}v-{part:.1f}h{step - 0.6:.1f}v{part:.1f}z")
        if b:
            drops.append(f"M{x:.1f} {height - part:.1f}v-{whole - part:.1f}h{step - 0.6:.1f}v{whole - part:.1f}z")
    drawn = "".join(
        f'<path class="{name}" d="{"".join(paths)}"/>' for name, paths in (("in", kept), ("out", drops)) if paths
    )
    for place, name in lines:
        x = width * min(max(place, 0.0), 1.0)
        drawn += f'<path class="line {escape(name)}" d="M{x:.1f} 0V{height}"/>'
    return Markup(
        f'<svg class="bars" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(label)}" preserveAspectRatio="none"><path class="base" d="M0 {height}H{width}"/>{drawn}</svg>'
    )


def share(parts: Sequence[tuple[str, float, str]], *, label: str, width: int = 160, height: int = 12) -> Markup:
    """One bar cut into parts: (name, share, class), shares adding up to at most 1."""
    x, drawn = 0.0, ""
    for name, part, kind in parts:
        drawn += f'<rect class="{escape(kind)}" x="{x:.2f}" width="{part * width:.2f}" height="{height}"><title>{escape(name)}</title></rect>'
        x += part * width
    return Markup(
        f'<svg class="share" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(label)}" preserveAspectRatio="none">{drawn}</svg>'
    )


_LEFT, _WIDE, _ROW, _STEP = 176, 330, 26, 74


def flow(stages: Sequence[dict[str, Any]]) -> Markup:
    """The stages from top to bottom: a band as wide as the entries that go on, drops leaving to the right, translations
    coming in from the left."""
    most = max((one["kept"] + one["dropped"] for one in stages), default=1) or 1

    def size(count: int) -> float:
        return max(_WIDE * count / most, 2.0) if count else 0.0

    drawn, height = [], _STEP * len(stages) + 8
    for number, one in enumerate(stages):
        y, kept, gone, added = number * _STEP + 8, size(one["kept"]), size(one["dropped"]), max(one["added"], 0)
        drawn.append(
            f'<text class="name" x="{_LEFT - 14}" y="{y + 17}" text-anchor="end">{escape(one["stage"])}</text>'
        )
        drawn.append(f'<rect class="in" x="{_LEFT}" y="{y}" width="{kept:.1f}" height="{_ROW}" rx="2"/>')
        if added and number:
            drawn.append(
                f'<text class="plus" x="{_LEFT - 14}" y="{y + 33}" text-anchor="end">+ {added:,} translations</text>'
            )
        if gone:
            x = _LEFT + kept
            drawn.append(f'<rect class="out" x="{x:.1f}" y="{y}" width="{gone:.1f}" height="{_ROW}" rx="2"/>')
        end = _LEFT + kept + gone
        drawn.append(f'<text class="count" x="{end + 10:.1f}" y="{y + 11}">{one["kept"]:,} kept</text>')
        if one["dropped"]:
            reason = next(iter(one["reasons"]), "")
            told = f"{one['dropped']:,} dropped, most: {reason}"
            drawn.append(f'<text class="gone" x="{end + 10:.1f}" y="{y + 26}">{escape(told)}</text>')
        if number + 1 < len(stages):
            after = stages[number + 1]
            below, top, foot = size(after["came"]), y + _ROW, y + _STEP
            drawn.append(
                f'<path class="band" d="M{_LEFT} {top}H{_LEFT + kept:.1f}C{_LEFT + kept:.1f} {top + 24} '
                f'{_LEFT + below:.1f} {foot - 24} {_LEFT + below:.1f} {foot}H{_LEFT}Z"/>'
            )
    told = "; ".join(f"{one['stage']}: {one['kept']:,} kept, {one['dropped']:,} dropped" for one in stages)
    return Markup(
        f'<svg class="flow" viewBox="0 0 760 {height}" role="img" aria-label="{escape(told)}">{"".join(drawn)}</svg>'
    )
