"""Incidents of every kind on every kind of element, and how they are resolved."""

from __future__ import annotations

from tests.scenarios.engine.commands import mend
from tests.scenarios.engine.elements import KINDS, Kind, line
from tests.scenarios.engine.models import io
from tests.scenarios.engine.play import Play, scenario

_IN, _OUT = "in =assert(ok, ok != null) -> mine", "out =assert(later, later != null) -> given"
#: Their mappings are never evaluated, or those of its runs.
_WITHOUT = {"manual task", "undefined task", "error end", "terminate end", "multi-instance"}
_NO_INPUT = {"none end", "none throw", "link"}


def _mappings(play: Play, kind: Kind, name: str) -> None:
    kind.before(play, name)
    inputs = kind.mapped == "both" and kind.name not in _NO_INPUT
    play.deploy(line(name, kind.piece(name, io(*((_IN, _OUT) if inputs else (_OUT,))), ""), name))
    instance = play.create(name, k="k", items=[1], x=1)
    if inputs:
        mend(play, instance.processInstanceKey, ok=1)
    kind.done(play, name)
    mend(play, instance.processInstanceKey, later=1)
    other = play.create(name, k="k", items=[1], x=1)
    if not inputs:
        kind.done(play, name)
    play.settle()
    play.cancel(other)


def _add(index: int, kind: Kind) -> None:
    def mappings(play: Play) -> None:
        _mappings(play, kind, f"ix-{index}")

    words = kind.name.replace("-", "_").replace(" ", "_")
    mappings.__name__ = f"mappings_of_a_{words}_that_fail"
    scenario(mappings)


for _index, _kind in enumerate(KINDS):
    if _kind.mapped and _kind.name not in _WITHOUT:
        _add(_index, _kind)
