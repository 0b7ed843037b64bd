"""Where elements stand in a drawing of a file that has no diagram: in columns, from left to right along the flows."""

from __future__ import annotations

from camunda_embedded._bpmn.xml import Node
from camunda_embedded._drawing.shapes import Box, Shape

__all__ = ["lay_out"]

_COLUMN, _ROW, _PAD = 60.0, 40.0, 40.0


def lay_out(process: Node, shapes: dict[str, Shape]) -> None:
    """Gives every shape of a process its place; artifacts have none."""
    scopes = [process]
    for scope in scopes:  # grows on the way
        scopes += [child for child in scope.children if child.id in shapes and shapes[child.id].open]
    inner: dict[str, list[Shape]] = {}
    for scope in reversed(scopes):  # what is inside says how large it is
        width, height, moved = _scope(scope, shapes, inner)
        inner[scope.id] = moved
        if scope is not process:
            shape = shapes[scope.id]
            shape.box = Box(0, 0, max(width + 2 * _PAD, 140), max(height + 2 * _PAD, 100))


def _scope(
    scope: Node, shapes: dict[str, Shape], inner: dict[str, list[Shape]]
) -> tuple[float, float, list[Shape]]:
    """Places what is directly in a scope; its size, and all shapes that move with it."""
    mine = [shapes[c.id] for c in scope.children if c.id in shapes and shapes[c.id].runs]
    attached = {c.id: c.get("attachedToRef") for c in scope.children if c.get("attachedToRef") in shapes}
    hosts = [shape for shape in mine if shape.id not in attached]
    flows = [(c.get("sourceRef"), c.get("targetRef")) for c in scope.children if c.name == "sequenceFlow"]
    aside = {target for source, target in flows if source in attached} - {
        target for source, target in flows if source not in attached
    }
    flows = [(attached.get(source, source), target) for source, target in flows]
    columns = _columns([shape.id for shape in hosts], flows)
    # What only a boundary event leads to is drawn below the way from its host.
    columns = [sorted(ids, key=lambda id_: id_ in aside) for ids in columns]
    top = _PAD if scope.name != "process" else 0.0
    x, tallest, everything = top, 0.0, list(mine)
    # Rows are centred on one line, so that what has no fork is drawn as one.
    heights = [
        sum(shapes[i].box.height + _ROW + (24 if i in attached.values() else 0) for i in ids) - _ROW
        for ids in columns
    ]
    middle = max(heights, default=0) / 2 + top
    for ids, height in zip(columns, heights, strict=True):
        y = middle - height / 2
        width = max(shapes[i].box.width for i in ids)
        for each in ids:
            shape = shapes[each]
            _move(shape, x + (width - shape.box.width) / 2, y, inner)
            y += shape.box.height + _ROW + (24 if each in attached.values() else 0)
        tallest = max(tallest, y - _ROW - top)
        x += width + _COLUMN
    counts: dict[str, int] = {}
    for event, host in attached.items():
        box, at = shapes[host].box, counts.get(host, 0)
        counts[host] = at + 1
        shapes[event].box = Box(box.x + 12 + at * 44, box.y + box.height - 18, 36, 36)
    for shape in mine:
        everything += inner.get(shape.id, [])
    return max(x - _COLUMN - top, 0), tallest + (24 if attached else 0), everything


def _move(shape: Shape, x: float, y: float, inner: dict[str, list[Shape]]) -> None:
    dx, dy = x - shape.box.x, y - shape.box.y
    for each in (shape, *inner.get(shape.id, [])):
        each.box = each.box.moved(dx, dy)


def _columns(ids: list[str], flows: list[tuple[str, str]]) -> list[list[str]]:
    """The ids in columns: each as far right as the longest way to it that does not go back."""
    after: dict[str, list[str]] = {id_: [] for id_ in ids}
    incoming = dict.fromkeys(ids, 0)
    for source, target in flows:
        if source in after and target in after and source != target:
            after[source].append(target)
            incoming[target] += 1
    order, forward = _order(ids, after, incoming)
    column = dict.fromkeys(ids, 0)
    for each in order:
        for target in forward[each]:
            column[target] = max(column[target], column[each] + 1)
    found: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for id_ in ids:
        found[column[id_]].append(id_)
    return [each for each in found if each]


def _order(
    ids: list[str], after: dict[str, list[str]], incoming: dict[str, int]
) -> tuple[list[str], dict[str, list[str]]]:
    """The ids so that flows go forward, and the flows that do: those that close a loop do not."""
    state: dict[str, int] = {}
    forward: dict[str, list[str]] = {id_: [] for id_ in ids}
    finished: list[str] = []
    for root in sorted(ids, key=lambda id_: incoming[id_] > 0):
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(after[root]))]
        while stack:
            at, rest = stack[-1]
            for target in rest:
                if state.get(target) == 1:
                    continue  # it goes back
                forward[at].append(target)
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(after[target])))
                    break
            else:
                state[at] = 2
                finished.append(at)
                stack.pop()
    return finished[::-1], forward
