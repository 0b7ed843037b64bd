"""Inclusive gateways: which flows they take, and how they join."""

from __future__ import annotations

from tests.scenarios.engine.commands import modify
from tests.scenarios.engine.elements import KINDS, Kind, tops
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    catch,
    each,
    element,
    end,
    flow_if,
    flows,
    process,
    subprocess,
    task,
    throw,
    timer,
)
from tests.scenarios.engine.play import Play, Rejection, Scenario
from tests.scenarios.engine.published import published, seen

PAGE = "components/modeler/bpmn/inclusive-gateways/"
FORK = "inclusive gateway that forks"
JOIN = "inclusive gateway that joins"
END2 = '<endEvent id="e2"/>'


def inclusive(id: str, default: str | None = None) -> str:
    return element("inclusiveGateway", id, default=default)


def fork(id: str, *branches: str) -> str:
    """Gateways f and j; each branch is taken when its name is in ``take``."""
    chosen = "".join(flow_if("f", b, f'=list contains(take, "{b}")') for b in branches)
    joined = "".join(flows(f"{b}>j") for b in branches)
    return process(
        id, START, inclusive("f"), *(task(b, f"{id}-{b}") for b in branches), inclusive("j"), END, chosen, joined,
        flows("s>f j>e"),
    )  # fmt: skip


@published(FORK, PAGE)
def each_flow_whose_condition_holds_is_taken(play: Play) -> None:
    play.deploy(fork("in1", "a", "b", "c"))
    play.create("in1", take=["a", "c"])
    assert sorted(seen(play, "SEQUENCE_FLOW_TAKEN")) == ["f_a", "f_c", "s_f"]
    play.create("in1", take=["b"])


@published(FORK, PAGE)
def the_default_flow_is_taken_when_no_condition_holds_and_its_own_is_not_evaluated(play: Play) -> None:
    gates = (
        inclusive("f", "f_e2"),
        END,
        END2,
        flow_if("f", "e", "=x > 1"),
        flow_if("f", "e2", "=assert(x, false)"),
    )
    play.deploy(process("in2", START, *gates, flows("s>f")))
    play.create("in2", x=1)
    play.create("in2", x=2)
    assert seen(play, "SEQUENCE_FLOW_TAKEN") == ["s_f", "f_e2", "s_f", "f_e"]


@published(FORK, PAGE)
def without_a_true_condition_and_a_default_flow_it_is_an_incident_that_can_be_mended(play: Play) -> None:
    play.deploy(fork("in3", "a", "b"))
    instance = play.create("in3", take=[])
    play.settle()
    play.set_variables(instance.processInstanceKey, take=["a", "b"])
    play.resolve(play.incident())
    play.work("in3-a")
    play.work("in3-b")
    assert play.ended(instance)
    bad = play.create("in3", take=5)
    play.settle()
    play.set_variables(bad.processInstanceKey, take=["b"])
    play.resolve(play.incident())
    play.work("in3-b")
    assert play.ended(bad)


@published(FORK, PAGE)
def one_flow_needs_no_condition_and_is_asked_when_it_has_one(play: Play) -> None:
    play.deploy(process("in4", START, inclusive("f"), END, flows("s>f>e")))
    assert play.ended(play.create("in4"))
    play.deploy(process("in4-b", START, inclusive("f"), END, flow_if("f", "e", "=x > 1"), flows("s>f")))
    play.create("in4-b", x=1)
    play.incident()


@published(FORK, PAGE)
def several_flows_need_conditions(play: Play) -> None:
    several = (
        '<inclusiveGateway id="f"{}><outgoing>f_e</outgoing><outgoing>f_e2</outgoing></inclusiveGateway>'
    )
    answers = [
        play.deploy(process("in5", START, several.format(""), END, END2, flows("s>f f>e f>e2"))),
        play.deploy(
            process("in6", START, several.format(' default="s_f"'), END, END2, flows("s>f f>e f>e2"))
        ),
    ]
    assert all(isinstance(answer, Rejection) for answer in answers)


@published(JOIN, PAGE)
def a_join_waits_for_every_path_that_was_taken_and_for_no_other(play: Play) -> None:
    play.deploy(fork("in7", "a", "b", "c"))
    for taken in (["a", "b", "c"], ["a", "c"], ["b"]):
        instance = play.create("in7", take=taken)
        for branch in taken:
            assert not play.ended(instance)
            play.work(f"in7-{branch}")
        assert play.ended(instance)
    assert seen(play).count("j") == 3


@published(JOIN, PAGE)
def a_join_goes_on_when_the_last_path_to_it_turns_away(play: Play) -> None:
    gate = '<exclusiveGateway id="g" default="g_j"/>'
    play.deploy(
        process(
            "in8", START, inclusive("f"), task("a", "in8-a"), task("b", "in8-b"), gate, inclusive("j"), END, END2,
            flow_if("f", "a", "=true"), flow_if("f", "b", "=true"), flow_if("g", "e2", "=away"),
            flows("s>f a>j b>g g>j j>e"),
        )
    )  # fmt: skip
    for away in (True, False):
        instance = play.create("in8", away=away)
        play.work("in8-a")
        assert not play.ended(instance)
        play.work("in8-b")
        assert play.ended(instance)
    assert seen(play).count("j") == 2


@published(JOIN, PAGE)
def a_join_goes_on_when_the_last_path_to_it_is_interrupted(play: Play) -> None:
    border = boundary("bt", "b", timer("Duration", "PT10S"), "e2")
    play.deploy(
        process(
            "in9", START, inclusive("f"), task("a", "in9-a"), task("b", "in9-b"), border, inclusive("j"), END, END2,
            flow_if("f", "a", "=true"), flow_if("f", "b", "=true"), flows("s>f a>j b>j j>e"),
        )
    )  # fmt: skip
    instance = play.create("in9")
    play.work("in9-a")
    play.advance(10)
    assert play.ended(instance)
    assert sorted(seen(play)[-4:]) == ["e", "e2", "in9", "j"]


@published(JOIN, PAGE)
def a_path_over_a_border_or_a_link_leads_to_a_join_too(play: Play) -> None:
    border = boundary("bt", "b", timer("Duration", "PT10S"), "away")
    link = '<linkEventDefinition id="{}" name="L"/>'
    play.deploy(
        process(
            "in10", START, inclusive("f"), task("a", "in10-a"), task("b", "in10-b"), border, END2,
            throw("away", link.format("l1")), catch("here", link.format("l2")), inclusive("j"), END,
            flow_if("f", "a", "=true"), flow_if("f", "b", "=true"), flows("s>f a>j b>e2 here>j j>e"),
        )
    )  # fmt: skip
    for late in (True, False):
        instance = play.create("in10")
        play.work("in10-a")
        assert not play.ended(instance)
        if late:
            play.advance(10)
        else:
            play.work("in10-b")
        assert play.ended(instance)
    assert seen(play).count("j") == 2


@published(JOIN, PAGE)
def of_two_joins_in_a_row_the_first_goes_first(play: Play) -> None:
    chosen = "".join(flow_if("f", to, f'=list contains(take, "{to}")') for to in "abcd")
    tasks = [task(id, f"in11-{id}") for id in "abcd"]
    play.deploy(
        process(
            "in11", START, inclusive("f"), *tasks, inclusive("j1"), inclusive("j2"), END, END2, chosen,
            flows("s>f a>j1 b>j1 c>j2 d>e2 j1>j2 j2>e"),
        )
    )  # fmt: skip
    instance = play.create("in11", take=["a", "c", "d"])
    play.work("in11-c")
    play.work("in11-d")
    assert not play.ended(instance)
    play.work("in11-a")
    assert play.ended(instance)
    assert [id for id in seen(play) if id in ("j1", "j2")] == ["j1", "j2"]


@published(JOIN, PAGE)
def a_join_in_each_run_of_a_sub_process(play: Play) -> None:
    chosen = "".join(flow_if("f", to, f'=list contains(item, "{to}")') for to in "ab")
    inner = (
        '<startEvent id="ps"/>', inclusive("f"), task("a", "in12-a"), task("b", "in12-b"), inclusive("j"), end("pe", ""),
        chosen, flows("ps>f a>j b>j j>pe"),
    )  # fmt: skip
    play.deploy(
        process("in12", START, subprocess("p", *inner, inside=each("=items", "item")), END, flows("s>p>e"))
    )
    instance = play.create("in12", items=[["a"], ["a", "b"]])
    for job in play.jobs("in12-a"):
        play.complete(job)
    assert not play.ended(instance)
    play.work("in12-b")
    assert play.ended(instance)


@published(JOIN, PAGE)
def commands_reach_instances_that_wait_at_a_join(play: Play) -> None:
    play.deploy(fork("in13", "a", "b"))
    play.cancel(_half(play))
    taken = _half(play)
    modify(play, taken, terminate=[play.element("b")])
    play.settle()
    assert play.ended(taken)
    moved = _half(play)
    modify(play, moved, "j")
    play.settle()
    play.work("in13-b")
    assert play.ended(moved)


def _half(play: Play) -> object:
    instance = play.create("in13", take=["a", "b"])
    play.work("in13-a")
    return instance


def _between(kind: Kind, name: str) -> Scenario:
    """The element on one of two paths between a fork and a join."""

    def scenario(play: Play) -> None:
        kind.before(play, name)
        piece = kind.piece(name, "", "")
        both = flow_if("f", "pass", "=true") + flow_if("f", piece.first, "=true")
        chains = "s>f pass>j j>e" + (f" {piece.last}>j" if piece.last else "")
        gates = inclusive("f"), '<manualTask id="pass"/>', inclusive("j")
        play.deploy(process(name, START, *gates, piece.xml, END, both, flows(chains), top=tops(name)))
        instance = play.create(name, k="k", items=[1, 2], x=6)
        kind.done(play, name)
        assert play.ended(instance)

    scenario.__name__ = f"{kind.name.replace('-', '_').replace(' ', '_')}_between_inclusive_gateways"
    return scenario


for _index, _kind in enumerate(KINDS):
    published(JOIN, PAGE)(_between(_kind, f"inb-{_index}"))
