"""Processes put together at random in which people have something to do."""

from __future__ import annotations

import random

from tests.scenarios.engine.corpus_generated import Block, Wide, drive
from tests.scenarios.engine.models import element, io
from tests.scenarios.engine.play import Play
from tests.scenarios.engine.published import published
from tests.scenarios.engine.published_generated import assert_in_order

COUNT = 20
FIRST = 200


class People(Wide):
    """The blocks of ``Wide``, and native user tasks as often as all other simple ones."""

    def blocks(self) -> tuple[list[Block], list[Block]]:
        simple, nested = super().blocks()
        return simple + [self.approval] * len(simple), nested

    def approval(self, _: int) -> tuple[str, str, str]:
        id = self.id("approve")
        who = self.random.choice(["", '<zeebe:assignmentDefinition assignee="ann" candidateGroups="a, b"/>'])
        mappings = self.random.choice(["", io("in =x -> local", "out =r -> x")])
        return element("userTask", id, "<zeebe:userTask/>", who, mappings), id, id

    def hosted(self, id: str) -> str:
        return self.random.choice([super().hosted(id), element("userTask", id, "<zeebe:userTask/>")])


def people_work(play: Play, chance: random.Random) -> None:
    """Somebody does something with each of the user tasks that are there."""
    there = {
        int(r["key"]): r["intent"]
        for r in play.records()
        if r["valueType"] == "USER_TASK" and r["recordType"] == "EVENT"
    }
    for key, intent in there.items():
        if intent in ("COMPLETED", "CANCELED"):
            continue
        what = chance.random()
        if what < 0.6:
            play.rest("POST", f"/user-tasks/{key}/completion", {"variables": {"r": chance.randint(0, 9)}})
        elif what < 0.8:
            play.rest("POST", f"/user-tasks/{key}/assignment", {"assignee": "bob", "allowOverride": False})
        else:
            play.rest("PATCH", f"/user-tasks/{key}", {"changeset": {"priority": chance.randint(0, 100)}})


def _add(seed: int) -> None:
    def generated(play: Play) -> None:
        builder = People(seed)
        for name, text in builder.before():
            play.deploy(text, name=name)
        play.deploy(builder.process())
        drive(play, builder.name, random.Random(seed + 1000), people_work)
        assert_in_order(play)

    generated.__name__ = f"generated_{seed}"
    published("random compositions", "components/modeler/bpmn/bpmn-coverage/")(generated)


for _seed in range(FIRST, FIRST + COUNT):
    _add(_seed)
