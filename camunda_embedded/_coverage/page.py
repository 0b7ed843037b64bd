"""The report as one page that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from camunda_embedded._coverage.counts import Played
from camunda_embedded._drawing.read import drawings
from camunda_embedded._drawing.shapes import Diagram, Edge, Shape
from camunda_embedded._drawing.svg import STYLE, Paint, svg
from camunda_embedded._mocking import MOCKED

__all__ = ["Covered", "covered", "page"]

_STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: #f7fafc; color: #1a202c; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 24px 20px 60px; }
h1 { margin: 0 0 4px; font-size: 26px; } h2 { margin: 0; font-size: 19px; overflow-wrap: anywhere; }
.quiet { color: #4a5568; } .total { margin: 0 0 20px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: #fff; }
th, td { padding: 7px 12px; text-align: left; border-bottom: 1px solid #e2e8f0; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
section { margin-top: 28px; padding: 18px 20px; background: #fff; border: 1px solid #e2e8f0; border-radius: 10px; }
.bar { height: 8px; margin: 10px 0 14px; background: #fed7d7; border-radius: 4px; overflow: hidden; }
.bar div { height: 100%; background: #38a169; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; margin: 10px 0; padding: 0; list-style: none; font-size: 13px; }
.legend i { display: inline-block; width: 22px; height: 12px; margin-right: 6px; border: 1.5px solid; border-radius: 3px; }
.missing { columns: 2 340px; margin: 6px 0 0; padding-left: 20px; }
.missing li { break-inside: avoid; overflow-wrap: anywhere; }
code { font-size: 13px; background: #edf2f7; padding: 0 4px; border-radius: 3px; }
.bpmn .never .shape { fill: #fff5f5; stroke: #e53e3e; stroke-dasharray: 4 3; }
.bpmn .never .flow { stroke: #e53e3e; stroke-dasharray: 4 3; } .bpmn .never .arrow { fill: #e53e3e; }
.bpmn .few .shape { fill: #e6ffed; stroke: #38a169; } .bpmn .some .shape { fill: #b7ebc6; stroke: #2f855a; }
.bpmn .many .shape { fill: #7fd49b; stroke: #22543d; }
.bpmn .few .flow, .bpmn .some .flow, .bpmn .many .flow { stroke: #2f855a; }
.bpmn .few .arrow, .bpmn .some .arrow, .bpmn .many .arrow { fill: #2f855a; }
.bpmn .some .flow { stroke-width: 2.4; } .bpmn .many .flow { stroke-width: 3.4; } .bpmn .shape.inner { fill: none; }
"""
_LEGEND = (
    ("#fff5f5", "#e53e3e", "never run"),
    ("#e6ffed", "#38a169", "run a few times"),
    ("#b7ebc6", "#2f855a", "often"),
    ("#7fd49b", "#22543d", "most often"),
)


@dataclass(frozen=True)
class Covered:
    """A process and its drawing: what of it can run, and what never did."""

    played: Played
    diagram: Diagram
    elements: tuple[Shape, ...]
    flows: tuple[Edge, ...]

    @property
    def total(self) -> int:
        """How many elements and flows it has."""
        return len(self.elements) + len(self.flows)

    @property
    def run(self) -> int:
        """How many of them were run."""
        ids = [*(shape.id for shape in self.elements), *(flow.id for flow in self.flows)]
        return sum(self.played.counts[each] > 0 for each in ids)

    @property
    def missing(self) -> list[str]:
        """What never ran, in words."""
        names = {shape.id: shape.name or shape.id for shape in self.elements}
        found = [
            s.id if names[s.id] == s.id else f"{names[s.id]} ({s.id})"
            for s in self.elements
            if not self.played.counts[s.id]
        ]
        return found + [
            f"{names.get(f.source, f.source)} → {names.get(f.target, f.target)} ({f.id})"
            for f in self.flows
            if not self.played.counts[f.id]
        ]


def covered(played: Iterable[Played]) -> list[Covered]:
    """What was played, by the name of the process; mocks of the test run are left out."""
    found = []
    for each in played:
        diagram = drawings(each.content).get(each.process_id)
        if diagram is None or diagram.namespace == MOCKED:
            continue
        shapes = tuple(s for s in diagram.shapes if s.runs)
        found.append(Covered(each, diagram, shapes, tuple(e for e in diagram.edges if e.runs)))
    return sorted(found, key=lambda c: (c.diagram.name.lower(), c.played.process_id, c.played.resource))


def percent(run: int, total: int) -> str:
    """How much of a whole; 100 % is said of all of it alone."""
    return f"{run * 100 // total if total else 100} %"


def page(found: list[Covered]) -> str:
    """The page."""
    run, total = sum(c.run for c in found), sum(c.total for c in found)
    rows = "".join(
        f'<tr><td><a href="#p{n}">{escape(c.diagram.name)}</a></td><td>{escape(c.played.resource)}</td>'
        f'<td class="number">{c.played.instances}</td><td class="number">{c.run} of {c.total}</td>'
        f'<td class="number">{percent(c.run, c.total)}</td></tr>'
        for n, c in enumerate(found)
    )
    legend = "".join(f'<li><i style="background:{b};border-color:{l}"></i>{t}</li>' for b, l, t in _LEGEND)  # noqa: E741
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>BPMN coverage</title><style>{STYLE}{_STYLE}</style></head><body><main>"
        f"<h1>BPMN coverage: {percent(run, total)}</h1>"
        f'<p class="quiet total">{run} of {total} elements and flows of {_processes(len(found))} were run.</p>'
        '<div class="scroll"><table><thead><tr><th>process</th><th>file</th><th class="number">instances</th>'
        f'<th class="number">run</th><th class="number">share</th></tr></thead><tbody>{rows}</tbody></table></div>'
        f'<ul class="legend">{legend}</ul>'
        + "".join(_section(n, c) for n, c in enumerate(found))
        + "</main></body></html>\n"
    )


def _processes(count: int) -> str:
    return "1 process" if count == 1 else f"{count} processes"


def _section(number: int, found: Covered) -> str:
    counts = found.played.counts
    most = max((counts[s.id] for s in found.elements), default=0)
    paints = {each.id: _paint(each.name or each.id, counts[each.id], most) for each in found.elements}
    paints |= {e.id: _paint(e.name or e.id, counts[e.id], most)._replace(badge="") for e in found.flows}
    share = found.run * 100 / found.total if found.total else 100
    missing = "".join(f"<li>{escape(text)}</li>" for text in found.missing)
    return (
        f'<section id="p{number}"><h2>{escape(found.diagram.name)}</h2>'
        f'<div class="quiet"><code>{escape(found.played.process_id)}</code> in <code>{escape(found.played.resource)}</code>: '
        f"{found.run} of {found.total} run, {percent(found.run, found.total)}</div>"
        f'<div class="bar"><div style="width:{share:.1f}%"></div></div>'
        f'<div class="scroll">{svg(found.diagram, paints)}</div>'
        + (
            f'<h3>Never run</h3><ul class="missing">{missing}</ul>'
            if missing
            else "<p>Everything was run.</p>"
        )
        + "</section>"
    )


def _paint(name: str, count: int, most: int) -> Paint:
    if count == 0:
        return Paint("never", f"{name}: never run")
    kind = "many" if count * 3 > most * 2 and most > 2 else "some" if count * 3 > most and most > 2 else "few"
    return Paint(kind, f"{name}: run {count} times", str(count))
