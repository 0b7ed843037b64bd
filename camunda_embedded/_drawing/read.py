"""From a BPMN file to the drawings of its processes."""

from __future__ import annotations

import math
from collections.abc import Iterator

from camunda_embedded._bpmn.xml import Node, parse
from camunda_embedded._drawing.layout import lay_out
from camunda_embedded._drawing.shapes import Box, Diagram, Edge, Shape, size_of

__all__ = ["drawings"]

_SCOPES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
_ARTIFACTS = frozenset({"textAnnotation", "group", "dataObjectReference", "dataStoreReference"})
#: Coordinates beyond this are no drawing.
_FAR = 1e6


def drawings(content: bytes) -> dict[str, Diagram]:
    """The drawing of each executable process of a file, by the process's id; none where the file cannot be read."""
    try:
        root = parse(content)
    except ValueError:
        return {}
    processes = [n for n in root.all("process") if n.id and n.get("isExecutable") == "true"]
    return {process.id: _drawing(root, process) for process in processes}


def _drawing(root: Node, process: Node) -> Diagram:
    diagram = Diagram(process.id, process.get("name") or process.id, root.get("targetNamespace"))
    nodes = list(_nodes(process))
    flows = [node for node in process.walk() if node.name == "sequenceFlow" and node.id]
    shapes = {node.id: _shape(node, depth) for node, depth in nodes}
    edges = {
        flow.id: Edge(flow.id, flow.get("name"), flow.get("sourceRef"), flow.get("targetRef"), [])
        for flow in flows
    }
    associations = [n for n in process.walk() if n.name == "association" and n.id]
    for each in associations:
        edges[each.id] = Edge(each.id, "", each.get("sourceRef"), each.get("targetRef"), [], runs=False)
    placed = _place(root, process, shapes, edges)
    if not any(shape.runs and shape.id in placed for shape in shapes.values()):
        lay_out(process, shapes)
        placed = {shape.id for shape in shapes.values() if shape.runs}
    else:
        _put_below([s for s in shapes.values() if s.runs and s.id not in placed], shapes, placed)
    diagram.shapes = sorted((s for s in shapes.values() if s.id in placed), key=lambda s: s.depth)
    for edge in edges.values():
        source, target = shapes.get(edge.source), shapes.get(edge.target)
        drawn = source is not None and target is not None and source.id in placed and target.id in placed
        if not edge.points and source is not None and target is not None and drawn:
            down = source.kind == "boundaryEvent"
            edge.points = (
                _between(source.box, target.box, down=down)
                if edge.runs
                else [source.box.middle, target.box.middle]
            )
        if len(edge.points) > 1:
            diagram.edges.append(edge)
    return diagram


def _nodes(process: Node) -> Iterator[tuple[Node, int]]:
    """What is drawn of a process: flow nodes and artifacts, with how deep they are in sub-processes."""
    left = [(child, 0) for child in reversed(process.children)]
    while left:
        node, depth = left.pop()
        flow_node = node.name.endswith(("Event", "Gateway")) or node.name.lower().endswith("task")
        flow_node = flow_node or node.name in _SCOPES or node.name == "callActivity"
        if node.id and node.namespace == process.namespace and (flow_node or node.name in _ARTIFACTS):
            yield node, depth
        if node.name in _SCOPES:
            left += [(child, depth + 1) for child in reversed(node.children)]


def _shape(node: Node, depth: int) -> Shape:
    width, height = size_of(node.name)
    mark = next(
        (c.name.removesuffix("EventDefinition") for c in node.children if c.name.endswith("EventDefinition")),
        "",
    )
    loop = next((c for c in node.children if c.name.endswith("LoopCharacteristics")), None)
    text = node.first("text")
    name = text.text.strip() if node.name == "textAnnotation" and text is not None else node.get("name")
    dashed = (
        (node.name == "boundaryEvent" and node.get("cancelActivity") == "false")
        or (node.name == "startEvent" and node.get("isInterrupting") == "false")
        or node.get("triggeredByEvent") == "true"
    )
    return Shape(
        node.id, node.name, name, Box(0, 0, width, height), mark, dashed=dashed,
        loop="" if loop is None else "sequential" if loop.get("isSequential") == "true" else "parallel",
        runs=node.name not in _ARTIFACTS, depth=depth, open=node.name in _SCOPES,
    )  # fmt: skip


def _place(root: Node, process: Node, shapes: dict[str, Shape], edges: dict[str, Edge]) -> set[str]:
    """Puts elements where the diagrams of the file have them; each further plane below the one before."""
    placed: set[str] = set()
    bottom = 0.0
    for plane in (node for node in root.walk() if node.name == "BPMNPlane"):
        mine = [n for n in plane.children if n.get("bpmnElement") in shapes or n.get("bpmnElement") in edges]
        boxes = [(n, box) for n in mine if n.name == "BPMNShape" and (box := _bounds(n)) is not None]
        boxes = [
            (n, box)
            for n, box in boxes
            if n.get("bpmnElement") in shapes and n.get("bpmnElement") not in placed
        ]
        if not boxes:
            continue
        down = bottom + 60 - min(box.y for _, box in boxes) if placed else 0.0
        for node, box in boxes:
            shape = shapes[node.get("bpmnElement")]
            shape.box = box.moved(0, down)
            label = next(
                (b for c in node.children if c.name == "BPMNLabel" and (b := _bounds(c)) is not None), None
            )
            shape.label = label.moved(0, down) if label is not None else None
            shape.open = shape.open and node.get("isExpanded") != "false"
            placed.add(shape.id)
        for node in mine:
            edge = edges.get(node.get("bpmnElement"))
            if node.name == "BPMNEdge" and edge is not None and not edge.points:
                edge.points = [
                    (p[0], p[1] + down) for c in node.children if c.name == "waypoint" and (p := _point(c))
                ]
                label = next(
                    (b for c in node.children if c.name == "BPMNLabel" and (b := _bounds(c)) is not None),
                    None,
                )
                edge.label = label.moved(0, down) if label is not None else None
        bottom = max(shapes[node.get("bpmnElement")].box.y + box.height for node, box in boxes)
    return placed


def _bounds(node: Node) -> Box | None:
    found = next((c for c in node.children if c.name == "Bounds"), None)
    if found is None:
        return None
    numbers = [_number(found.get(name)) for name in ("x", "y", "width", "height")]
    if any(n is None for n in numbers):
        return None
    x, y, width, height = (n or 0.0 for n in numbers)
    return Box(x, y, max(width, 1), max(height, 1))


def _point(node: Node) -> tuple[float, float] | None:
    x, y = _number(node.get("x")), _number(node.get("y"))
    return None if x is None or y is None else (x, y)


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) and abs(found) < _FAR else None


def _put_below(missing: list[Shape], shapes: dict[str, Shape], placed: set[str]) -> None:
    """What the diagram of a file leaves out, in a row below it."""
    if not missing:
        return
    known = [shapes[id_].box for id_ in placed]
    x, y = min(b.x for b in known), max(b.y + b.height for b in known) + 60
    for shape in missing:
        shape.box = Box(x, y, *size_of(shape.kind))
        shape.open = False
        x += shape.box.width + 60
        placed.add(shape.id)


def _between(one: Box, other: Box, *, down: bool = False) -> list[tuple[float, float]]:
    """A line with right angles from the border of one to that of the other."""
    (ax, ay), (bx, by) = one.middle, other.middle
    bottom = one.y + one.height
    if down and by > bottom and not other.x <= ax <= other.x + other.width:
        return [(ax, bottom), (ax, by), (other.x if ax < other.x else other.x + other.width, by)]
    if one.x + one.width <= other.x and not down:
        middle = (one.x + one.width + other.x) / 2
        start, end = (one.x + one.width, ay), (other.x, by)
        return [start, end] if ay == by else [start, (middle, ay), (middle, by), end]
    if bottom < other.y and other.x <= ax <= other.x + other.width:
        return [(ax, bottom), (ax, other.y)]
    low = max(bottom, other.y + other.height) + 24
    return [(ax, bottom), (ax, low), (bx, low), (bx, other.y + other.height)]
