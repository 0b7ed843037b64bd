"""Every kind of element, ready to be put anywhere: a piece of a process that is entered in one place and left in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.scenarios.engine.corpus_tasks import DMN
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    call,
    catch,
    each,
    element,
    end,
    error,
    error_event,
    flow_if,
    flows,
    io,
    message,
    message_event,
    process,
    signal,
    signal_event,
    subprocess,
    task,
    throw,
    timer,
)
from tests.scenarios.engine.play import Play

__all__ = ["ACTIVITIES", "KINDS", "WAITING", "Kind", "Piece", "line", "loop_of", "tops"]

USER_JOB = "io.camunda.zeebe:userTask"
LINK = '<linkEventDefinition id="{id}" name="L"/>'
TERMINATE = "<terminateEventDefinition/>"


@dataclass(frozen=True)
class Piece:
    """XML of elements and flows, of which ``a`` is of the kind meant; ``last`` is empty when nothing goes on from it."""

    xml: str
    first: str = "a"
    last: str = "a"


def _nothing(play: Play, name: str) -> None:
    """Needs no help."""


def _work(play: Play, name: str) -> None:
    play.work(name, r=1)


def _user(play: Play, name: str) -> None:
    play.work(USER_JOB, r=1)


def _publish(play: Play, name: str) -> None:
    play.settle()
    play.publish(name, "k", r=1)


def _broadcast(play: Play, name: str) -> None:
    play.settle()
    play.broadcast(name, r=1)


def _advance(play: Play, name: str) -> None:
    play.advance(10)


def _throw(play: Play, name: str) -> None:
    play.throw(play.jobs(name, 1)[0], "X", r=1)


def _both(play: Play, name: str) -> None:
    _work(play, name)
    _work(play, name)


def _decision(play: Play, name: str) -> None:
    play.deploy(DMN.format(id=name), name=f"{name}.dmn")


def _child(play: Play, name: str) -> None:
    play.deploy(process(f"{name}-child", START, task("c", name), END, flows("s>c>e")))


@dataclass(frozen=True)
class Kind:
    """A kind of element.

    Args:
        name: as in ``meetings.ROWS``.
        piece: makes it, of a name, its extension elements and what stands inside (multi-instance, events).
        done: lets one instance of it go on; the variables are ``k`` (the text "k"), ``items`` and ``x``.
        before: what is deployed before it.
        mapped: whether it takes input and output mappings ("both", "out" or "").
    """

    name: str
    piece: Callable[[str, str, str], Piece]
    done: Callable[[Play, str], None] = _nothing
    before: Callable[[Play, str], None] = _nothing
    mapped: str = "both"


def _simple(tag: str, extension: str = "", inside: str = "") -> Callable[[str, str, str], Piece]:
    def piece(name: str, extra: str, more: str) -> Piece:
        return Piece(element(tag, "a", extension.format(name=name), extra, inside=inside + more))

    return piece


def _job(tag: str) -> Callable[[str, str, str], Piece]:
    return _simple(tag, '<zeebe:taskDefinition type="{name}"/>')


def _receive(name: str, extra: str, more: str) -> Piece:
    return Piece(element("receiveTask", "a", extra, inside=more, messageRef="msg"))


def _called(name: str, extra: str, more: str) -> Piece:
    return Piece(call("a", f"{name}-child", extra, inside=more))


def _sub(name: str, extra: str, more: str) -> Piece:
    inner = ('<startEvent id="as"/>', task("at", name), '<endEvent id="ae"/>', flows("as>at>ae"))
    return Piece(subprocess("a", *inner, extra=extra, inside=more))


def loop_of(name: str) -> str:
    """What makes an activity run for each of ``items``."""
    return each("=items", "one", results="all", result="=r")


def _loop(name: str, extra: str, more: str) -> Piece:
    return Piece(task("a", name, extra, inside=loop_of(name) + more))


def _border(definition: str, interrupting: bool = True) -> Callable[[str, str, str], Piece]:
    def piece(name: str, extra: str, more: str) -> Piece:
        border = boundary("a", "h", definition, "n", extra, interrupting=interrupting)
        return Piece(f'{task("h", name)}{border}<exclusiveGateway id="n"/>{flows("h>n")}', "h", "n")

    return piece


def _link(name: str, extra: str, more: str) -> Piece:
    return Piece(throw("b", LINK.format(id="l1"), extra) + catch("a", LINK.format(id="l2"), extra), "b")


def _exclusive(name: str, extra: str, more: str) -> Piece:
    gates = '<exclusiveGateway id="a" default="a_n"/><exclusiveGateway id="n"/><manualTask id="m"/>'
    return Piece(gates + flow_if("a", "m", "=x > 5") + flows("a>n m>n"), last="n")


def _parallel(name: str, extra: str, more: str) -> Piece:
    gates = '<parallelGateway id="a"/><parallelGateway id="n"/><manualTask id="m"/>'
    return Piece(gates + flows("a>m>n a>n"), last="n")


def _choice(name: str, extra: str, more: str) -> Piece:
    events = (
        catch("ct", timer("Duration", "PT10S"))
        + catch("cm", message_event("msg"))
        + catch("cs", signal_event("sig"))
    )
    gate = element("eventBasedGateway", "a", out="a_ct a_cm a_cs")
    return Piece(
        f'{gate}{events}<exclusiveGateway id="n"/>{flows("a>ct>n a>cm>n a>cs>n")}',
        last="n",
    )


def _end(definition: str = "") -> Callable[[str, str, str], Piece]:
    job = '<zeebe:taskDefinition type="{name}"/>' if "message" in definition else ""

    def piece(name: str, extra: str, more: str) -> Piece:
        return Piece(end("a", definition, job.format(name=name), extra), last="")

    return piece


def _error_end(name: str, extra: str, more: str) -> Piece:
    inner = subprocess("i", '<startEvent id="is"/>', end("a", error_event("err"), extra), flows("is>a"))
    border = boundary("b", "i", error_event("err"), "n")
    return Piece(f'{inner}{border}<exclusiveGateway id="n"/>{flows("i>n")}', "i", "n")


_MESSAGE, _SIGNAL, _TIMER = message_event("msg"), signal_event("sig"), timer("Duration", "PT10S")
_SENT = signal_event("sent")
_RULE = '<zeebe:calledDecision decisionId="{name}_d" resultVariable="r"/>'
_SCRIPT = '<zeebe:script expression="=x + 1" resultVariable="r"/>'

KINDS = (
    Kind("service task", _job("serviceTask"), _work),
    Kind("user task", _simple("userTask"), _user),
    Kind("send task", _job("sendTask"), _work),
    Kind("script task", _simple("scriptTask", _SCRIPT)),
    Kind("script job", _job("scriptTask"), _work),
    Kind("business rule task", _simple("businessRuleTask", _RULE), before=_decision),
    Kind("business rule job", _job("businessRuleTask"), _work),
    Kind("receive task", _receive, _publish),
    Kind("manual task", _simple("manualTask")),
    Kind("undefined task", _simple("task")),
    Kind("call activity", _called, _work, before=_child),
    Kind("sub-process", _sub, _work),
    Kind("multi-instance", _loop, _both),
    Kind("exclusive gateway", _exclusive, mapped=""),
    Kind("parallel gateway", _parallel, mapped=""),
    Kind("event-based gateway", _choice, _publish, mapped=""),
    Kind("timer catch", _simple("intermediateCatchEvent", inside=_TIMER), _advance),
    Kind("message catch", _simple("intermediateCatchEvent", inside=_MESSAGE), _publish),
    Kind("signal catch", _simple("intermediateCatchEvent", inside=_SIGNAL), _broadcast),
    Kind("link", _link),
    Kind("none throw", _simple("intermediateThrowEvent")),
    Kind("message throw", _simple("intermediateThrowEvent", '<zeebe:taskDefinition type="{name}"/>', _MESSAGE), _work),
    Kind("signal throw", _simple("intermediateThrowEvent", inside=_SENT)),
    Kind("none end", _end()),
    Kind("message end", _end(_MESSAGE), _work),
    Kind("signal end", _end(_SENT)),
    Kind("error end", _error_end),
    Kind("terminate end", _end(TERMINATE)),
    Kind("timer boundary", _border(_TIMER), _advance, mapped="out"),
    Kind("message boundary", _border(_MESSAGE), _publish, mapped="out"),
    Kind("signal boundary", _border(_SIGNAL), _broadcast, mapped="out"),
    Kind("error boundary", _border(error_event("err")), _throw, mapped="out"),
)  # fmt: skip
#: Those that stay until something from outside comes.
_WAITING = {
    "service task", "user task", "send task", "script job", "business rule job", "receive task", "call activity", "sub-process",
    "multi-instance", "event-based gateway", "timer catch", "message catch", "signal catch", "message throw", "message end",
}  # fmt: skip
WAITING = tuple(kind for kind in KINDS if kind.name in _WAITING)
ACTIVITIES = tuple(
    kind for kind in WAITING if kind.name.split()[-1] not in ("catch", "throw", "end", "gateway")
)


def tops(name: str) -> str:
    """The messages, signals and errors that the pieces refer to."""
    return (
        message("msg", name, "=k") + signal("sig", name) + signal("sent", f"{name}-sent") + error("err", "X")
    )


def line(id: str, piece: Piece, name: str, *more: str) -> str:
    """A process with that piece from start to end."""
    chain = f"s>{piece.first} {piece.last}>e" if piece.last else f"s>{piece.first}"
    return process(id, START, piece.xml, *more, END if piece.last else "", flows(chain), top=tops(name))


MAPPINGS = {
    "both": io("in =x -> mine", "out =r -> given", "out =mine -> back"),
    "out": io("out =x -> given"),
    "": "",
}
