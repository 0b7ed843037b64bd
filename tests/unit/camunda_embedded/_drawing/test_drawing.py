"""Drawings: read from diagrams, laid out without, and written so that nothing of a file becomes markup."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camunda_embedded._drawing.read import drawings
from camunda_embedded._drawing.shapes import Diagram
from camunda_embedded._drawing.svg import Paint, svg
from tests.scenarios.engine.models import END, START, flows, process, task
from tests.unit.camunda_embedded.testing.models import ORDER

ROOT = Path(__file__).resolve().parents[4]
CLAIM = (ROOT / "tests" / "data" / "models" / "claim.bpmn").read_bytes()


def apart(diagram: Diagram) -> None:
    """No two shapes lie on each other, but for what is attached and what is inside."""
    for one, other in combinations(
        [s for s in diagram.shapes if s.kind != "boundaryEvent" and not s.open], 2
    ):
        a, b = one.box, other.box
        overlap = (
            a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
        )
        assert not overlap, (one.id, other.id)


def test_a_diagram_is_drawn_where_its_file_has_it() -> None:
    claim = drawings(CLAIM)["claim"]
    boxes = {shape.id: shape.box for shape in claim.shapes}
    assert (boxes["sub"].x, boxes["sub"].y, boxes["sub"].width) == (360, 60, 420)
    assert {edge.id for edge in claim.edges} == {"a", "large", "small", "b", "c", "d1", "as"}
    assert next(e for e in claim.edges if e.id == "small").points[0] == (275, 183)
    assert [s.id for s in claim.shapes if not s.runs] == ["note"]


def test_without_a_diagram_everything_gets_a_place_of_its_own() -> None:
    order = drawings(ORDER.encode())["order"]
    assert len(order.shapes) == 9
    assert {edge.id for edge in order.edges} == {"f1", "f2", "f3", "f4", "f5", "f6", "f-refused"}
    apart(order)
    at = {shape.id: shape.box.x for shape in order.shapes}
    ways = ["ordered", "charge", "wait", "rate", "ship", "approve", "done"]
    assert [at[id_] for id_ in ways] == sorted(at[id_] for id_ in ways)


def test_what_a_diagram_leaves_out_is_drawn_below_it() -> None:
    less = re.sub(rb'<bpmndi:BPMNShape id="x[56]".*?</bpmndi:BPMNShape>', b"", CLAIM)
    claim = drawings(less)["claim"]
    boxes = {shape.id: shape.box for shape in claim.shapes}
    assert boxes["look"].y > 260
    assert boxes["e2"].y > 260


@pytest.mark.parametrize("number", ["nan", "inf", "1e300", "x", ""])
def test_places_that_are_none_are_not_believed(number: str) -> None:
    content = CLAIM.replace(b'x="160" y="140"', f'x="{number}" y="140"'.encode())
    ElementTree.fromstring(svg(drawings(content)["claim"], {}))


def test_loops_and_sub_processes_without_a_diagram_are_laid_out() -> None:
    inner = f'<subProcess id="sub">{START}{task("again", "t")}<endEvent id="in"/>{flows("s>again>in")}</subProcess>'
    inner = inner.replace('id="s"', 'id="s2"').replace('"s"', '"s2"').replace("s_again", "s2_again")
    text = process("p", START, inner, task("a", "t"), END, flows("s>a>sub>e sub>a"))
    found = drawings(text.encode())["p"]
    apart(found)
    boxes = {shape.id: shape.box for shape in found.shapes}
    outer = boxes["sub"]
    for id_ in ("s2", "again", "in"):
        assert outer.x <= boxes[id_].x
        assert boxes[id_].x + boxes[id_].width <= outer.x + outer.width
        assert outer.y <= boxes[id_].y
        assert boxes[id_].y + boxes[id_].height <= outer.y + outer.height


@given(st.text(max_size=60), st.text(alphabet="<>&\"'ab", max_size=20))
def test_no_text_of_a_file_becomes_markup(name: str, title: str) -> None:
    claim = drawings(CLAIM)["claim"]
    text = "".join(c for c in name if c.isprintable())
    for shape in claim.shapes:
        shape.name = text
    claim.name = text
    root = ElementTree.fromstring(svg(claim, {"look": Paint("x", title, title)}))
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "g", "title", "rect", "circle", "path", "polygon", "text", "tspan",
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"no xml", b"<a/>", ORDER.encode()[:400]])
def test_what_cannot_be_read_has_no_drawing(content: bytes) -> None:
    assert drawings(content) == {}
