"""Curves over time as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

__all__ = ["drawn"]

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 720, 260, 60, 30, 30
_COLOURS = ("#3b6ea5", "#c99a1a", "#4b8f57", "#a53b3b")


def drawn(
    title: str, curves: dict[str, list[tuple[float, float]]], shaded: Sequence[tuple[float, float]]
) -> str:
    """Rates (1/s) over seconds; ``shaded`` are the spans in which something is wrong."""
    end = max((at for curve in curves.values() for at, _ in curve), default=1.0)
    top = max((rate for curve in curves.values() for _, rate in curve), default=1.0) or 1.0
    inner = _HEIGHT - _TOP - _BOTTOM

    def x(at: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - 10) * at / end

    def y(rate: float) -> float:
        return _TOP + inner * (1 - rate / top)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="11">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    lines += [
        f'<rect x="{x(a):.1f}" y="{_TOP}" width="{x(b) - x(a):.1f}" height="{inner}" fill="#f3e3e3"/>'
        for a, b in shaded
    ]
    for part in range(5):
        rate = top * part / 4
        lines.append(f'<path d="M{_LEFT} {y(rate):.1f}H{_WIDTH - 10}" stroke="#ddd"/>')
        lines.append(f'<text x="{_LEFT - 6}" y="{y(rate) + 4:.1f}" text-anchor="end">{rate:,.0f}</text>')
    for second in range(0, int(end) + 1, 2):
        lines.append(f'<text x="{x(second):.1f}" y="{_HEIGHT - 12}" text-anchor="middle">{second}</text>')
    lines.append(
        f'<text x="{_LEFT}" y="16">a second</text><text x="{_WIDTH - 10}" y="{_HEIGHT - 1}" text-anchor="end">seconds</text>'
    )
    for number, (name, curve) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        path = "L".join(f"{x(at):.1f} {y(rate):.1f}" for at, rate in curve)
        lines.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.3"/>')
        lines.append(f'<text x="{_WIDTH - 320 + 80 * number}" y="16" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"
