"""Processes put together at random, in which features that were never recorded meet the others."""

from __future__ import annotations

import random

from tests.scenarios.engine.corpus_generated import Block, Wide, drive
from tests.scenarios.engine.models import (
    compensation_event,
    element,
    flow_if,
    flows,
    handler,
    task,
    throw,
    undone_by,
)
from tests.scenarios.engine.play import Play
from tests.scenarios.engine.published import published

COUNT = 36
FIRST = 100


class Newer(Wide):
    """The blocks of ``Wide``, and those of newer features as often as all of them."""

    def blocks(self) -> tuple[list[Block], list[Block]]:
        simple, nested = super().blocks()
        more: list[Block] = [self.inclusive, self.undone]
        return simple, nested + more * (len(nested) // len(more))

    def inclusive(self, depth: int) -> tuple[str, str, str]:
        fork, join = self.id("some"), self.id("joined")
        branches = [self.sequence(depth - 1) for _ in range(self.random.randint(2, 3))]
        firsts = [branch[1] for branch in branches]
        body = "".join(branch[0] + flows(f"{branch[2]}>{join}") for branch in branches)
        body += "".join(flow_if(fork, first, f"=x > {self.random.randint(-1, 4)}") for first in firsts[1:])
        body += flows(f"{fork}>{firsts[0]}")
        gates = element("inclusiveGateway", fork, default=f"{fork}_{firsts[0]}")
        return gates + element("inclusiveGateway", join) + body, fork, join

    def undone(self, depth: int) -> tuple[str, str, str]:
        """An activity, then what undoes it and all else in its scope when x is great enough."""
        id, undo, back, gate, merge = (self.id(name) for name in ("done", "undo", "back", "gate", "meet"))
        host = self.inner(depth, id) if self.random.random() < 0.5 else task(id, self.name)
        body = host + undone_by(id, undo) + handler(task(undo, self.name))
        body += throw(back, compensation_event(self.random.choice([None, id])))
        body += f'<exclusiveGateway id="{gate}" default="{gate}_{merge}"/><exclusiveGateway id="{merge}"/>'
        body += flow_if(gate, back, f"=x > {self.random.randint(0, 3)}")
        return body + flows(f"{id}>{gate} {gate}>{merge} {back}>{merge}"), id, merge


def _add(seed: int) -> None:
    def generated(play: Play) -> None:
        builder = Newer(seed)
        for name, text in builder.before():
            play.deploy(text, name=name)
        play.deploy(builder.process())
        drive(play, builder.name, random.Random(seed + 1000))
        assert_in_order(play)

    generated.__name__ = f"generated_{seed}"
    published("random compositions", "components/modeler/bpmn/bpmn-coverage/")(generated)


def assert_in_order(play: Play) -> None:
    """What was activated has come to one end, unless it is still there; and nothing ended twice."""
    begun, ended = (
        _keys(play, "ELEMENT_ACTIVATING"),
        [key for intent in ("ELEMENT_COMPLETED", "ELEMENT_TERMINATED") for key in _keys(play, intent)],
    )
    assert len(ended) == len(set(ended))
    assert set(ended) == set(begun)


def _keys(play: Play, intent: str) -> list[int]:
    return [
        int(record["key"])
        for record in play.records()
        if (record["valueType"], record["intent"]) == ("PROCESS_INSTANCE", intent)
    ]


for _seed in range(FIRST, FIRST + COUNT):
    _add(_seed)
