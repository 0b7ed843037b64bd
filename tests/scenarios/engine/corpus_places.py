"""Every kind of element in every place: inside sub-processes, called processes and the runs of multi-instance activities."""

from __future__ import annotations

from tests.scenarios.engine.elements import KINDS, MAPPINGS, Kind, line, tops
from tests.scenarios.engine.models import END, START, call, each, flows, io, process, subprocess
from tests.scenarios.engine.play import Play, scenario

_LOCAL = {
    "both": io("in =item -> mine", "out =r -> given", "out =mine -> back"),
    "out": io("out =item -> given"),
}


def _inside(play: Play, kind: Kind, name: str, *, sequential: bool) -> None:
    """In a run of a multi-instance sub-process of a called process."""
    kind.before(play, name)
    piece = kind.piece(name, _LOCAL.get(kind.mapped, ""), "")
    ending = '<endEvent id="pe"/>' if piece.last else ""
    chain = f"ps>{piece.first} {piece.last}>pe" if piece.last else f"ps>{piece.first}"
    loop = each("=items", "item", sequential=sequential, results="res", result="=given")
    inner = subprocess("p", '<startEvent id="ps"/>', piece.xml, ending, flows(chain), inside=loop)
    play.deploy(process(f"{name}-deep", START, inner, END, flows("s>p>e"), top=tops(name)))
    play.deploy(process(name, START, call("c", f"{name}-deep"), END, flows("s>c>e")))
    play.create(name, k="k", items=[6, 2], x=1)
    if kind.name in ("timer catch", "timer boundary", "signal catch", "signal boundary") and not sequential:
        kind.done(play, name)
        return
    kind.done(play, name)
    kind.done(play, name)


def _mapped(play: Play, kind: Kind, name: str) -> None:
    """In a process, with and without mappings."""
    kind.before(play, name)
    for id, mappings in ((name, MAPPINGS[kind.mapped]), (f"{name}-plain", "")):
        play.deploy(line(id, kind.piece(name, mappings, ""), name))
        play.create(id, k="k", items=[1, 2], x=6)
        kind.done(play, name)


def _add(index: int, kind: Kind) -> None:
    words = kind.name.replace("-", "_").replace(" ", "_")

    def inside(play: Play) -> None:
        _inside(play, kind, f"in-{index}", sequential=index % 2 == 0)

    def mapped(play: Play) -> None:
        _mapped(play, kind, f"io-{index}")

    inside.__name__ = f"{words}_inside_runs_of_a_called_process"
    mapped.__name__ = f"{words}_with_mappings_and_without"
    scenario(inside)
    scenario(mapped)


for _index, _kind in enumerate(KINDS):
    _add(_index, _kind)
