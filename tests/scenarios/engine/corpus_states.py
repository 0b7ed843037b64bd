"""Every command on every kind of element: cancel, create at, modify, migrate, set variables."""

from __future__ import annotations

from tests.scenarios.engine.commands import create_at, migrate, modify
from tests.scenarios.engine.elements import KINDS, WAITING, Kind, line, tops
from tests.scenarios.engine.models import END, START, flows, process, task
from tests.scenarios.engine.play import Play, scenario

_VARIABLES = '{"k": "k", "items": [1, 2], "x": 1}'


def _waiting(play: Play, kind: Kind, name: str) -> None:
    kind.before(play, name)
    piece = kind.piece(name, "", "")
    play.deploy(line(name, piece, name))
    target = play.deploy(line(f"{name}-next", piece, name))

    first = play.create(name, k="k", items=[1, 2], x=1)
    play.settle()
    element = play.element("a")
    play.set_variables(element, True, own=1)
    play.set_variables(element, own=2, x=2, fresh=3)
    inner = {"at": "at"} if kind.name == "sub-process" else {}
    migrate(play, first, target, a="a", **inner)
    kind.done(play, name)

    second = play.create(name, k="k", items=[1, 2], x=1)
    play.settle()
    modify(play, second, "a", terminate=[play.element("a")], _='{"g": 1}', a='{"l": 1}')
    play.settle()
    play.cancel(second)

    third = create_at(play, name, "a", variables=_VARIABLES)
    modify(play, third, terminate=[play.element("a")])

    create_at(play, name, "a", variables=_VARIABLES)
    kind.done(play, name)


def _passing(play: Play, kind: Kind, name: str) -> None:
    kind.before(play, name)
    piece = kind.piece(name, "", "")
    rest = f"{piece.last}>e" if piece.last else ""
    ending = END if piece.last else ""
    before = task("w", f"{name}-w")
    flow = flows(f"s>w>{piece.first} {rest}")
    play.deploy(process(name, START, before, piece.xml, ending, flow, top=tops(name)))
    create_at(play, name, "a", variables=_VARIABLES)
    play.settle()
    instance = play.create(name, k="k", items=[1, 2], x=1)
    modify(play, instance, "a", _='{"g": 1}')
    modify(play, instance, "a", terminate=[play.element("w")])


def _add(index: int, kind: Kind) -> None:
    words = kind.name.replace("-", "_").replace(" ", "_")

    def waiting(play: Play) -> None:
        _waiting(play, kind, f"st-{index}")

    def passing(play: Play) -> None:
        _passing(play, kind, f"pa-{index}")

    if kind in WAITING:
        waiting.__name__ = f"commands_reach_a_waiting_{words}"
        scenario(waiting)
    else:
        passing.__name__ = f"{words}_as_the_place_to_begin_or_to_move_to"
        scenario(passing)


for _index, _kind in enumerate(KINDS):
    _add(_index, _kind)
