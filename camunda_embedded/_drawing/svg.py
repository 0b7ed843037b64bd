"""A drawing as SVG: text that is put into a page as it is; everything that came from a file is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import NamedTuple

from camunda_embedded._drawing.shapes import Box, Diagram, Edge, Shape

__all__ = ["STYLE", "Paint", "svg"]

#: What a page needs for ``svg``; the classes of paints are the page's own.
STYLE = """
.bpmn { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
.bpmn .shape { fill: #fff; stroke: #4a5568; stroke-width: 1.5; }
.bpmn .thick { stroke-width: 3.5; } .bpmn .dashed { stroke-dasharray: 5 3; } .bpmn .inner { fill: none; }
.bpmn .icon { fill: none; stroke: #4a5568; stroke-width: 1.4; } .bpmn .solid { fill: #4a5568; }
.bpmn .flow { fill: none; stroke: #4a5568; stroke-width: 1.5; } .bpmn .arrow { fill: #4a5568; }
.bpmn .note { fill: none; stroke: #a0aec0; stroke-width: 1; stroke-dasharray: 2 3; }
.bpmn text { fill: #1a202c; text-anchor: middle; } .bpmn .left { text-anchor: start; }
.bpmn .badge rect { fill: #1a202c; stroke: #fff; } .bpmn .badge text { fill: #fff; font-size: 11px; font-weight: 600; }
"""


class Paint(NamedTuple):
    """How an element is painted: a CSS class, what the pointer is told, and a small text at its corner."""

    kind: str
    title: str = ""
    badge: str = ""


_PLAIN = Paint("")

#: Of each kind of event, in a field of 20 by 20 around its middle.
_MARKS = {
    "timer": '<circle r="8"/><path d="M0-5V0L4 2"/>',
    "message": '<path d="M-8-5h16v11h-16zM-8-5l8 6 8-6"/>',
    "error": '<path d="M-7 7L-3-6 2 3 7-7 4 6-1-2z"/>',
    "signal": '<path d="M0-8L8 6H-8z"/>',
    "escalation": '<path d="M0-8L6 7 0 1-6 7z"/>',
    "compensate": '<path d="M-1-6v12l-7-6zM7-6v12l-7-6z"/>',
    "link": '<path d="M-8-3h9v-4l7 7-7 7v-4h-9z"/>',
    "conditional": '<path d="M-6-8h12v16h-12zM-4-4h8M-4 0h8M-4 4h8"/>',
    "terminate": '<circle r="9" class="solid"/>',
}
_GATEWAYS = {
    "exclusiveGateway": '<path d="M-7-8L7 8M7-8L-7 8" stroke-width="3"/>',
    "parallelGateway": '<path d="M0-11V11M-11 0H11" stroke-width="3"/>',
    "inclusiveGateway": '<circle r="11" stroke-width="2.5"/>',
    "eventBasedGateway": '<circle r="13"/><circle r="10"/><path d="M0-7L7-2 4 6h-8L-7-2z"/>',
    "complexGateway": '<path d="M0-11V11M-11 0H11M-8-8L8 8M8-8L-8 8" stroke-width="2"/>',
}
_TASKS = {
    "serviceTask": '<circle r="7"/><circle r="2.5"/><path d="M0-10v3M0 7v3M-10 0h3M7 0h3"/>',
    "userTask": '<circle cy="-4" r="4"/><path d="M-8 9c0-12 16-12 16 0z"/>',
    "scriptTask": '<path d="M-7-8h13l-3 4 3 4-3 4 3 4H-7l3-4-3-4 3-4z"/>',
    "businessRuleTask": '<path d="M-8-7H8V7H-8zM-8-2H8M-3-2V7"/>',
    "sendTask": '<path d="M-8-5h16v11h-16zM-8-5l8 6 8-6" class="solid"/>',
    "receiveTask": _MARKS["message"],
    "manualTask": '<path d="M-8 4V-2l5-4h8M-3-2h11M-3 1h10M-8 4h14"/>',
}


def svg(diagram: Diagram, paints: Mapping[str, Paint]) -> str:
    """The drawing, with elements and flows painted by their ids."""
    frame = diagram.frame()
    parts = [
        f'<svg class="bpmn" role="img" aria-label="{escape(diagram.name)}" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="{_n(frame.x)} {_n(frame.y)} {_n(frame.width)} {_n(frame.height)}" '
        f'style="min-width:{_n(min(frame.width, 620))}px;max-width:{_n(frame.width * 1.4)}px">'
    ]
    containers = [shape for shape in diagram.shapes if shape.open]
    parts += [_shape(shape, paints) for shape in containers]
    parts += [_edge(edge, paints) for edge in diagram.edges]
    parts += [_shape(s, paints) for s in diagram.shapes if not s.open and s.kind != "boundaryEvent"]
    parts += [_shape(s, paints) for s in diagram.shapes if s.kind == "boundaryEvent"]
    parts += [_badge(s.box, p.badge) for s in diagram.shapes if (p := paints.get(s.id, _PLAIN)).badge]
    return "".join(parts) + "</svg>"


def _group(id_: str, paint: Paint, content: str, name: str) -> str:
    title = paint.title or name or id_
    kind = f"element {paint.kind}".strip()
    return f'<g class="{escape(kind)}" data-id="{escape(id_)}"><title>{escape(title)}</title>{content}</g>'


def _shape(shape: Shape, paints: Mapping[str, Paint]) -> str:
    box, paint = shape.box, paints.get(shape.id, _PLAIN)
    x, y = box.middle
    at = f'transform="translate({_n(x)} {_n(y)})"'
    dashed = " dashed" if shape.dashed else ""
    if shape.kind.endswith("Event"):
        r = min(box.width, box.height) / 2
        thick = " thick" if shape.kind == "endEvent" else ""
        content = f'<circle class="shape{thick}{dashed}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}"/>'
        if shape.kind.startswith(("intermediate", "boundary")):
            content += f'<circle class="shape inner{dashed}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(r - 3)}"/>'
        throws = " solid" if shape.kind in ("endEvent", "intermediateThrowEvent") else ""
        content += f'<g class="icon{throws}" {at}>{_MARKS.get(shape.mark, "")}</g>' + _below(shape)
    elif shape.kind.endswith("Gateway"):
        points = f"{_n(x)},{_n(box.y)} {_n(box.x + box.width)},{_n(y)} {_n(x)},{_n(box.y + box.height)} {_n(box.x)},{_n(y)}"
        content = f'<polygon class="shape" points="{points}"/><g class="icon" {at}>{_GATEWAYS.get(shape.kind, "")}</g>'
        content += _below(shape)
    elif not shape.runs:
        content = (
            f'<path class="note" d="M{_n(box.x + 12)} {_n(box.y)}H{_n(box.x)}V{_n(box.y + box.height)}h12"/>'
        )
        content += _lines(shape.name, box.x + 6, box.y + 16, box.width, 8, "left")
    else:
        thick = " thick" if shape.kind == "callActivity" else ""
        content = (
            f'<rect class="shape{thick}{dashed}" x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" '
            f'height="{_n(box.height)}" rx="10"/>'
        )
        if shape.kind in _TASKS:
            content += f'<g class="icon" transform="translate({_n(box.x + 15)} {_n(box.y + 15)})">{_TASKS[shape.kind]}</g>'
        if shape.open:
            content += _lines(shape.name or shape.id, x, box.y + 18, box.width, 1)
        else:
            most = 3 if shape.kind in _TASKS and box.height <= 80 else 4  # its sign stands above
            lines = _wrapped(shape.name or shape.id, box.width - 10, most)
            top = y + (9 if len(lines) > 2 else 4) - (len(lines) - 1) * 7
            content += _lines(shape.name or shape.id, x, top, box.width - 10, most)
        content += _loop(shape)
    return _group(shape.id, paint, content, shape.name)


def _loop(shape: Shape) -> str:
    x, y = shape.box.middle[0], shape.box.y + shape.box.height - 9
    if shape.loop:
        bars = "M-4-5V5M0-5V5M4-5V5" if shape.loop == "parallel" else "M-5-4H5M-5 0H5M-5 4H5"
        return f'<path class="icon" transform="translate({_n(x)} {_n(y)})" d="{bars}"/>'
    return ""


def _below(shape: Shape) -> str:
    """The name of an event or a gateway, which stands beside it."""
    if not shape.name:
        return ""
    if shape.label is not None:
        return _lines(shape.name, shape.label.middle[0], shape.label.y + 11, max(shape.label.width, 80), 3)
    return _lines(shape.name, shape.box.middle[0], shape.box.y + shape.box.height + 15, 100, 2)


def _edge(edge: Edge, paints: Mapping[str, Paint]) -> str:
    path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in edge.points)
    if not edge.runs:
        return f'<path class="note" d="{path}"/>'
    (ax, ay), (bx, by) = edge.points[-2:]
    length = max(((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5, 0.01)
    ux, uy = (bx - ax) / length, (by - ay) / length
    head = (
        f"M{_n(bx)} {_n(by)}L{_n(bx - 10 * ux - 4 * uy)} {_n(by - 10 * uy + 4 * ux)}"
        f"L{_n(bx - 10 * ux + 4 * uy)} {_n(by - 10 * uy - 4 * ux)}z"
    )
    content = f'<path class="flow" d="{path}"/><path class="arrow" d="{head}"/>'
    if edge.name:
        x, y = edge.points[0] if edge.label is None else edge.label.middle
        x, y = (x + 30, y - 6) if edge.label is None else (x, y + 4)
        content += _lines(edge.name, x, y, 90, 2)
    return _group(edge.id, paints.get(edge.id, _PLAIN), content, edge.name)


def _badge(box: Box, text: str) -> str:
    width = 10 + 7 * len(text)
    x, y = box.x + box.width - width / 2, box.y
    return (
        f'<g class="badge"><rect x="{_n(x - width / 2)}" y="{_n(y - 9)}" width="{width}" height="18" rx="9"/>'
        f'<text x="{_n(x)}" y="{_n(y + 4)}">{escape(text)}</text></g>'
    )


def _wrapped(text: str, width: float, most: int) -> list[str]:
    """Words in lines that fit, about; what does not fit ends in dots."""
    fits = max(int(width / 6.4), 4)
    words = [word[i : i + fits] for word in text.split() for i in range(0, len(word), fits)]
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= fits:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][: fits - 1] + "…"]


def _lines(text: str, x: float, y: float, width: float, most: int, kind: str = "") -> str:
    spans = "".join(
        f'<tspan x="{_n(x)}" y="{_n(y + 14 * i)}">{escape(line)}</tspan>'
        for i, line in enumerate(_wrapped(text, width, most))
    )
    return f'<text class="{kind}">{spans}</text>' if spans else ""


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
