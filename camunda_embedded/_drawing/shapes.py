"""What a drawing consists of; lengths are those of BPMN's diagrams, which are pixels."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Box", "Diagram", "Edge", "Shape", "size_of"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, dx: float, dy: float) -> Box:
        """The same somewhere else."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)


@dataclass(slots=True)
class Shape:
    """A node. ``kind`` is its element's name in BPMN; ``mark`` that of its event definition, or ``""``."""

    id: str
    kind: str
    name: str
    box: Box
    mark: str = ""
    label: Box | None = None
    dashed: bool = False
    loop: str = ""
    #: A sub-process that is drawn with what is in it.
    open: bool = False
    #: Whether it is something that runs.
    runs: bool = True
    depth: int = 0


@dataclass(slots=True)
class Edge:
    """A flow, or an association (``runs`` is False)."""

    id: str
    name: str
    source: str
    target: str
    points: list[tuple[float, float]]
    label: Box | None = None
    runs: bool = True


@dataclass(slots=True)
class Diagram:
    """The drawing of one process. ``namespace`` is the target namespace of its file."""

    process_id: str
    name: str
    namespace: str
    shapes: list[Shape] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def frame(self, margin: float = 24) -> Box:
        """The rectangle around everything in it."""
        xs, ys = [0.0] if not self.shapes else [], [0.0] if not self.shapes else []
        for shape in self.shapes:
            for box in (shape.box, *([shape.label] if shape.label else ())):
                xs += [box.x, box.x + box.width]
                ys += [box.y, box.y + box.height]
            if shape.label is None and shape.name and size_of(shape.kind)[1] <= 50:  # its name stands below
                (middle, _), half = shape.box.middle, min(len(shape.name) * 3.5, 50)
                xs += [middle - half, middle + half]
                ys.append(shape.box.y + shape.box.height + 34)
        for edge in self.edges:
            xs += [x for x, _ in edge.points]
            ys += [y for _, y in edge.points]
        x, y = min(xs) - margin, min(ys) - margin
        return Box(x, y, max(xs) + margin - x, max(ys) + margin - y)


def size_of(kind: str) -> tuple[float, float]:
    """How large an element is drawn where nobody says it."""
    if kind.endswith("Event"):
        return 36, 36
    if kind.endswith("Gateway"):
        return 50, 50
    return 100, 80
