"""Draws docs/pictures/architecture.svg from docs/pictures/architecture.txt: boxes on a grid, and arrows between them.

python scripts/draw_architecture.py            writes the file
python scripts/draw_architecture.py --check    writes nothing; exits 1 when the file is not what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SOURCE, PICTURE = PICTURES / "architecture.txt", PICTURES / "architecture.svg"

COLUMN, ROW, MARGIN, LINE = 60, 30, 20, 17
#: Of each kind of box its fill and its edge.
LOOKS = {
    "code": ("#fff7e0", "#c99a1a"),
    "package": ("#eef4fb", "#3b6ea5"),
    "room": ("#ffffff", "#9db8d6"),
    "server": ("#edf7ee", "#4b8f57"),
}
HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="Helvetica, Arial, sans-serif" font-size="13">
<!-- Drawn by scripts/draw_architecture.py from architecture.txt; do not edit. -->
<title>{title}</title>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">\
<path d="M0 0 8 4 0 8z" fill="#444"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
"""


class Box(NamedTuple):
    """A box in pixels, and what is written in it."""

    kind: str
    left: float
    top: float
    right: float
    bottom: float
    lines: tuple[str, ...]


def read(text: str) -> tuple[dict[str, Box], list[tuple[str, str, str]]]:
    """The boxes by name, and the arrows as (from, to, label)."""
    boxes: dict[str, Box] = {}
    arrows: list[tuple[str, str, str]] = []
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "box":
            name, kind, columns, rows, written = rest.split(None, 4)
            left, right = (MARGIN + COLUMN * float(number) for number in columns.split("-"))
            top, bottom = (MARGIN + ROW * float(number) for number in rows.split("-"))
            boxes[name] = Box(kind, left, top, right, bottom, tuple(map(str.strip, written.split("|"))))
        elif word == "arrow":
            begin, end, *label = rest.split(None, 2)
            arrows.append((begin, end, "".join(label)))
        elif word and word != "#" and not line.startswith("#"):
            raise ValueError(f"architecture.txt: a line begins with box or arrow, not {word!r}")
    return boxes, arrows


def drawn_box(box: Box, holds_rooms: bool) -> Iterator[str]:
    """The rectangle and its lines; the title of a box that holds others is at its top."""
    fill, edge = LOOKS[box.kind]
    yield (
        f'<rect x="{box.left:g}" y="{box.top:g}" width="{box.right - box.left:g}" '
        f'height="{box.bottom - box.top:g}" rx="6" fill="{fill}" stroke="{edge}"/>'
    )
    middle = (box.left + box.right) / 2
    y = box.top + 20 if holds_rooms else (box.top + box.bottom - LINE * (len(box.lines) - 1)) / 2 + 4
    for number, line in enumerate(box.lines):
        weight = ' font-weight="bold"' if number == 0 else ' fill="#444"'
        yield f'<text x="{middle:g}" y="{y + LINE * number:g}" text-anchor="middle"{weight}>{escape(line)}</text>'


def drawn_arrow(begin: Box, end: Box, label: str) -> Iterator[str]:
    """A straight arrow where the boxes face each other, else from the middle of one to the middle of the other."""
    left, right = max(begin.left, end.left), min(begin.right, end.right)
    if begin.bottom <= end.top:
        down = (left + right) / 2
        start, stop = (
            ((down, begin.bottom), (down, end.top))
            if left < right
            else ((_nearest(begin, end), begin.bottom), (_nearest(end, begin), end.top))
        )
    else:
        across = (max(begin.top, end.top) + min(begin.bottom, end.bottom)) / 2
        start, stop = (
            ((begin.right, across), (end.left, across))
            if begin.right <= end.left
            else ((begin.left, across), (end.right, across))
        )
    yield (
        f'<line x1="{start[0]:g}" y1="{start[1]:g}" x2="{stop[0]:g}" y2="{stop[1]:g}" '
        'stroke="#444" marker-end="url(#tip)"/>'
    )
    if label:
        x, y = (start[0] + stop[0]) / 2 + 8, (start[1] + stop[1]) / 2 + 4
        yield f'<text x="{x:g}" y="{y:g}" font-style="italic" fill="#444">{escape(label)}</text>'


def _nearest(box: Box, other: Box) -> float:
    """Where an arrow leaves a box for one that stands further to the side: a quarter in from the nearer edge."""
    width = box.right - box.left
    return box.right - width / 4 if other.left > box.left else box.left + width / 4


def picture(text: str) -> str:
    """The SVG of a source."""
    boxes, arrows = read(text)
    outer = {
        name
        for name, box in boxes.items()
        if any(_holds(box, other) for other in boxes.values() if other is not box)
    }
    width = MARGIN + max(box.right for box in boxes.values())
    height = MARGIN + max(box.bottom for box in boxes.values())
    title = "The packages, their rooms, and who calls whom"
    parts = [HEAD.format(width=f"{width:g}", height=f"{height:g}", title=title)]
    for name, box in boxes.items():
        parts += [f"{part}\n" for part in drawn_box(box, name in outer)]
    for begin, end, label in arrows:
        parts += [f"{part}\n" for part in drawn_arrow(boxes[begin], boxes[end], label)]
    return "".join([*parts, "</svg>\n"])


def _holds(box: Box, other: Box) -> bool:
    return (
        box.left <= other.left
        and box.right >= other.right
        and box.top <= other.top
        and box.bottom >= other.bottom
    )


def main() -> int:
    made = picture(SOURCE.read_text(encoding="utf-8"))
    if "--check" not in sys.argv[1:]:
        PICTURE.write_text(made, encoding="utf-8")
        return 0
    return 0 if PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == made else 1


if __name__ == "__main__":
    sys.exit(main())
