"""Every boundary event on every kind of activity, and boundary events that compete."""

from __future__ import annotations

from tests.scenarios.engine.elements import ACTIVITIES, Kind
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    error,
    error_event,
    flows,
    io,
    message,
    message_event,
    process,
    signal,
    signal_event,
    timer,
)
from tests.scenarios.engine.play import Play, scenario


def _borders(play: Play, kind: Kind, name: str) -> None:
    """One instance for each way to leave the activity; those that do not interrupt come first."""
    kind.before(play, name)
    piece = kind.piece(name, io("in =x -> mine"), "")
    borders = (
        boundary("bt", "a", timer("Cycle", "R2/PT10S"), "bte", interrupting=False),
        boundary("bm", "a", message_event("m-bm"), "bme", interrupting=False),
        boundary("bs", "a", signal_event("s-bs"), "bse", io("out =v -> w"), interrupting=False),
        boundary("it", "a", timer("Duration", "PT40S"), "ite"),
        boundary("im", "a", message_event("m-im"), "ime", io("out =v -> w")),
        boundary("is", "a", signal_event("s-is"), "ise"),
        boundary("ie", "a", error_event("err"), "iee"),
    )
    ends = "".join(f'<endEvent id="{id}e"/>' for id in ("bt", "bm", "bs", "it", "im", "is", "ie"))
    top = (
        message("msg", name, "=k")
        + message("m-bm", f"{name}-bm", "=k")
        + message("m-im", f"{name}-im", "=k")
        + signal("s-bs", f"{name}-bs")
        + signal("s-is", f"{name}-is")
        + error("err", "X")
    )
    play.deploy(process(name, START, piece.xml, *borders, END, ends, flows("s>a>e"), top=top))
    play.create(name, k="1", items=[1, 2], x=1)
    play.settle()
    play.publish(f"{name}-bm", "1", v=1)
    play.broadcast(f"{name}-bs", v=2)
    play.advance(10)
    play.publish(f"{name}-im", "1", v=3)
    play.create(name, k="2", items=[1, 2], x=1)
    play.settle()
    play.broadcast(f"{name}-is", v=4)
    play.create(name, k="3", items=[1, 2], x=1)
    play.advance(41)
    if kind.name != "receive task":
        play.create(name, k="4", items=[1, 2], x=1)
        type_ = "io.camunda.zeebe:userTask" if kind.name == "user task" else name
        play.throw(play.jobs(type_, 1)[0], "X", "thrown", v=5)


def _add(index: int, kind: Kind) -> None:
    def borders(play: Play) -> None:
        _borders(play, kind, f"bo-{index}")

    borders.__name__ = f"every_boundary_event_of_a_{kind.name.replace('-', '_').replace(' ', '_')}"
    scenario(borders)


for _index, _kind in enumerate(ACTIVITIES):
    _add(_index, _kind)
