"""Curves as SVG: what something costs as one thing grows, ours beside others, both axes by powers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["drawn"]

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 320, 64, 210, 34, 44
#: Ours in full colours and thick, the same in every picture; others in greys, each with a dash of its own.
_OURS = {
    "ours, gRPC, fast": "#1f6fb2",
    "ours, gRPC": "#2b8a3e",
    "ours, REST, fast": "#c2571a",
    "ours, REST": "#b03060",
    "ours, stream, fast": "#7b4bb0",
}
_OTHERS = (("#444", "6 3"), ("#777", "2 3"), ("#999", "8 3 2 3"), ("#aaa", "1 2"))
_APART = 13.0


def drawn(title: str, x_name: str, y_name: str, curves: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """An SVG document. ``curves`` have (x, y) by name, all above 0."""
    points = [point for curve in curves.values() for point in curve]
    xs, ys = sorted({x for x, _ in points}), [y for _, y in points]
    bottom, top = _decade(min(ys), math.floor), _decade(max(ys), math.ceil)
    inner_x, inner_y = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def x(value: float) -> float:
        low, high = math.log(xs[0]), math.log(xs[-1])
        return _LEFT + inner_x * (math.log(value) - low) / ((high - low) or 1.0)

    def y(value: float) -> float:
        low, high = math.log(bottom), math.log(top)
        return _TOP + inner_y * (1 - (math.log(value) - low) / ((high - low) or 1.0))

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{_LEFT}" y="16" font-size="13">{escape(title)}</text>',
        f'<text x="{_LEFT}" y="29" fill="#666">{escape(y_name)}</text>',
        f'<text x="{_LEFT + inner_x}" y="{_HEIGHT - 8}" text-anchor="end" fill="#666">{escape(x_name)}</text>',
    ]
    for value in _marks(bottom, top):
        lines.append(f'<path d="M{_LEFT} {y(value):.1f}H{_LEFT + inner_x}" stroke="#e4e4e4"/>')
        lines.append(
            f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{_figure(value)}</text>'
        )
    for value in xs:
        lines.append(f'<path d="M{x(value):.1f} {_TOP}V{_TOP + inner_y}" stroke="#f2f2f2"/>')
        lines.append(
            f'<text x="{x(value):.1f}" y="{_HEIGHT - 26}" text-anchor="middle">{_figure(value)}</text>'
        )
    others = iter(_OTHERS)
    ends = []
    for name, curve in curves.items():
        if name in _OURS:
            colour, dash, width = _OURS[name], "", 2.2
        else:
            (colour, dash), width = next(others), 1.5
        path = "L".join(f"{x(a):.1f} {y(b):.1f}" for a, b in curve)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        lines.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes}/>')
        lines += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="2.2" fill="{colour}"/>' for a, b in curve]
        ends.append((y(curve[-1][1]), x(curve[-1][0]), name, colour))
    at = -_APART
    for wanted, end, name, colour in sorted(ends):
        at = max(wanted, at + _APART)
        lines.append(
            f'<path d="M{end + 4:.1f} {wanted:.1f}L{_LEFT + inner_x + 12} {at:.1f}" stroke="{colour}" stroke-width="0.5"/>'
        )
        lines.append(
            f'<text x="{_LEFT + inner_x + 15}" y="{at + 4:.1f}" fill="{colour}">{escape(name)}</text>'
        )
    return "\n".join([*lines, "</svg>"]) + "\n"


def _marks(bottom: float, top: float) -> list[float]:
    """1, 2, 5, 10, ... between the two; over many decades the powers alone."""
    steps = (1, 2, 5) if top / bottom <= 1000 else (1,)
    found = []
    for power in range(round(math.log10(_power(bottom))), math.ceil(math.log10(top)) + 1):
        found += [step * 10.0**power for step in steps if bottom <= step * 10.0**power <= top]
    return found


def _power(value: float) -> float:
    return float(10 ** math.floor(math.log10(value)))


def _decade(value: float, rounded: object) -> float:
    """The next of 1, 2, 5, 10, ... below, or above, a value."""
    power = _power(value)
    steps = [step * power for step in (1, 2, 5, 10)]
    if rounded is math.floor:
        return max(step for step in steps if step <= value * 1.0000001)
    return min(step for step in steps if step >= value * 0.9999999)


def _figure(value: float) -> str:
    for limit, unit in ((1_000_000, "M"), (1000, "k")):
        if value >= limit:
            return f"{value / limit:g}{unit}"
    return f"{value:g}"
