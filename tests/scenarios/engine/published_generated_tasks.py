"""Processes put together at random in which people have something to do, and listeners too."""

from __future__ import annotations

import random

from tests.scenarios.engine.corpus_generated import Block, Wide, drive
from tests.scenarios.engine.models import element, io, task
from tests.scenarios.engine.play import Play
from tests.scenarios.engine.published import published
from tests.scenarios.engine.published_generated import assert_in_order
from tests.scenarios.engine.published_listeners import listeners

COUNT = 20
FIRST = 200


class People(Wide):
    """The blocks of ``Wide``, and native user tasks and tasks with execution listeners as often as all other simple ones."""

    def blocks(self) -> tuple[list[Block], list[Block]]:
        simple, nested = super().blocks()
        more: list[Block] = [self.approval, self.heard]
        return simple + more * (len(simple) // len(more)), nested

    def approval(self, _: int) -> tuple[str, str, str]:
        id = self.id("approve")
        who = self.random.choice(["", '<zeebe:assignmentDefinition assignee="ann" candidateGroups="a, b"/>'])
        mappings = self.random.choice(["", io("in =x -> local", "out =r -> x")])
        return element("userTask", id, "<zeebe:userTask/>", who, mappings), id, id

    def heard(self, _: int) -> tuple[str, str, str]:
        """Listeners whose jobs are of the type of all others."""
        id = self.id("heard")
        events = self.random.choice(["start", "end", "start end"]).split()
        around = listeners(*(f"{event} {self.name}" for event in events))
        tag = self.random.choice(["manualTask", "serviceTask", "intermediateThrowEvent"])
        if tag == "serviceTask":
            return task(id, self.name, around), id, id
        return element(tag, id, around), id, id

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
