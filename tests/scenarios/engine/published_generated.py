"""Processes put together at random, in which features that were never recorded meet the others."""

from __future__ import annotations

import random

from tests.scenarios.engine.corpus_generated import Block, Wide, drive
from tests.scenarios.engine.models import (
    active,
    ad_hoc,
    begin,
    compensation_event,
    element,
    error_event,
    escalation,
    escalation_event,
    event_subprocess,
    flow_if,
    flows,
    handler,
    io,
    message_event,
    signal_event,
    task,
    throw,
    timer,
    undone_by,
)
from tests.scenarios.engine.play import Play
from tests.scenarios.engine.published import published

#: The numbers of those that 8.6 runs, and of those that take 8.8.
NEWER = range(100, 136)
WATCHED = range(300, 336)
NEWEST = range(400, 424)


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


class Watched(Newer):
    """The same, with event sub-processes in its scopes, and escalations that some of them wait for."""

    def blocks(self) -> tuple[list[Block], list[Block]]:
        simple, nested = super().blocks()
        return [*simple, self.escalating, self.escalating], nested

    def process(self) -> str:
        tops = escalation("esc", "L")
        whole = super().process().replace("<process ", f"{tops}<process ", 1)
        return whole.replace("<startEvent", f"{self.watchers(2)}<startEvent", 1)

    def inner(self, depth: int, id: str, inside: str = "") -> str:
        whole = super().inner(depth, id, inside)
        return whole.replace("<startEvent", f"{self.watchers(depth - 1)}<startEvent", 1)

    def escalating(self, _: int) -> tuple[str, str, str]:
        id = self.id("escalate")
        return throw(id, escalation_event("esc")), id, id

    def watchers(self, depth: int) -> str:
        """Up to two event sub-processes, of different kinds."""
        kinds = self.random.sample(["timer", "message", "signal", "error", "escalation", "cycle"], 2)
        return "".join(self.watcher(kind, depth) for kind in kinds[: self.random.choice([0, 1, 1, 2])])

    def watcher(self, kind: str, depth: int) -> str:
        definition = {
            "timer": timer("Duration", "PT15S"),
            "cycle": timer("Cycle", "R2/PT15S"),
            "message": message_event("msg"),
            "signal": signal_event("sig"),
            "error": error_event("err"),
            "escalation": escalation_event(self.random.choice([None, "esc"])),
        }[kind]
        # One that a signal begins again and again could throw the same signal, without an end.
        interrupting = kind in ("error", "signal") or (kind != "cycle" and self.random.random() < 0.5)
        id, start, finish = self.id("watch"), self.id("begin"), self.id("end")
        body, first, last = self.sequence(min(depth, 1) - 1)
        mapping = self.random.choice(["", "", io("in =x -> x", "out =x -> z")])
        return event_subprocess(
            id, begin(start, definition, interrupting=interrupting), body, f'<endEvent id="{finish}"/>',
            flows(f"{start}>{first} {last}>{finish}"), extra=mapping,
        )  # fmt: skip


class Newest(Newer):
    """Ad-hoc sub-processes besides."""

    def blocks(self) -> tuple[list[Block], list[Block]]:
        simple, nested = super().blocks()
        return simple, nested + [self.ad_hoc] * (len(nested) // 3)

    def ad_hoc(self, depth: int) -> tuple[str, str, str]:
        id, flag = self.id("adhoc"), self.random.choice(["true", "false"])
        makes: list[Block] = [self.work, self.nested, self.repeated, self.script]  # without end events beside
        parts = [self.random.choice(makes)(depth) for _ in range(self.random.randint(2, 3))]
        chosen = self.random.choices([part[1] for part in parts], k=self.random.randint(1, 3))
        ids = ", ".join(f'"{each}"' for each in chosen)
        extra = self.random.choice([active(f"=[{ids}]"), active(f"=[{ids}]", "results", "=x")])
        until = self.random.choice([None, f"=x > {self.random.randint(0, 3)} or count(results) > 1"])
        body = [part[0] for part in parts]
        return ad_hoc(id, *body, extra=extra, until=until, cancelRemainingInstances=flag), id, id


def _add(seed: int, make: type[Newer], dialect: str) -> None:
    def generated(play: Play) -> None:
        builder = make(seed)
        for name, text in builder.before():
            play.deploy(text, name=name)
        play.deploy(builder.process())
        drive(play, builder.name, random.Random(seed + 1000))
        assert_in_order(play)

    generated.__name__ = f"generated_{seed}"
    published("random compositions", "components/modeler/bpmn/bpmn-coverage/", dialect=dialect)(generated)


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


for _seed in NEWER:
    _add(_seed, Newer, "8.6")
for _seed in WATCHED:
    _add(_seed, Watched, "8.6")
for _seed in NEWEST:
    _add(_seed, Newest, "8.8")
