"""Jobs: back-off, time-outs, retries and sizes; where instances begin, and where a modification sends them."""

from __future__ import annotations

from tests.scenarios.engine.commands import create_at, modify
from tests.scenarios.engine.elements import loop_of
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    call,
    element,
    error,
    error_event,
    flows,
    io,
    message,
    message_event,
    process,
    subprocess,
    task,
    timer,
)
from tests.scenarios.engine.play import Play, scenario

END2 = '<endEvent id="e2"/>'


def one(id: str, *extra: str) -> str:
    return process(id, START, task("a", id, *extra), END, flows("s>a>e"))


def nested(id: str, inside: str = "") -> str:
    inner = subprocess("q", '<startEvent id="qs"/>', task("b", id), '<endEvent id="qe"/>', flows("qs>b>qe"))
    parts = ('<startEvent id="ps"/>', task("c", f"{id}-c"), inner, '<endEvent id="pe"/>', flows("ps>c>q>pe"))
    border = boundary("pb", "p", timer("Duration", "PT20S"), "e2")
    return process(id, START, subprocess("p", *parts, inside=inside), border, END, END2, flows("s>p>e"))


@scenario
def a_job_waits_as_long_as_its_worker_says(play: Play) -> None:
    play.deploy(one("jo1"))
    play.create("jo1")
    play.fail(play.jobs("jo1")[0], 3, retryBackOff=10_000, errorMessage="later")
    play.advance(5)
    play.jobs("jo1")
    play.advance(6)
    job = play.jobs("jo1")[0]
    play.fail(job, 2, retryBackOff=10_000)
    play.complete(job)


@scenario
def what_happens_to_a_job_that_backs_off(play: Play) -> None:
    play.deploy(one("jo2"))
    jobs = []
    for _ in range(5):
        play.create("jo2")
    for job in play.jobs("jo2"):
        play.fail(job, 3, retryBackOff=10_000)
        jobs.append(job)
    play.call("UpdateJobRetries", jobKey=jobs[0].key, retries=7)
    play.call("UpdateJobTimeout", jobKey=jobs[1].key, timeout=5000)
    play.throw(jobs[2], "X")
    play.fail(jobs[3], 0, retryBackOff=10_000)
    play.cancel(jobs[4])
    play.advance(11)
    play.jobs("jo2")


@scenario
def a_job_of_a_worker_that_is_late(play: Play) -> None:
    play.deploy(one("jo3"))
    for _ in range(3):
        play.create("jo3")
    first, second, third = play.jobs("jo3", timeout=5000)
    play.advance(6)
    play.complete(first)
    play.fail(second, 1, errorMessage="late")
    play.call("UpdateJobTimeout", jobKey=third.key, timeout=60_000)
    again = play.jobs("jo3", timeout=5000)
    play.call("UpdateJobTimeout", jobKey=again[-1].key, timeout=30_000)
    play.advance(6)
    play.throw(again[0], "X")
    play.jobs("jo3")


@scenario
def retries_of_jobs_are_what_they_are_set_to(play: Play) -> None:
    for retries in ("0", "-1", "5", "=2", "=-2", "=1.9"):
        id = f"jo4{retries.replace('=', 'x').replace('.', '-')}"
        play.deploy(process(id, START, task("a", "jo4", retries=retries), END, flows("s>a>e")))
        play.create(id)
    for job in play.jobs("jo4"):
        play.call("UpdateJobRetries", jobKey=job.key, retries=-1)
        play.fail(job, -3)


@scenario
def an_error_of_a_job_with_an_incident_or_in_a_run(play: Play) -> None:
    border = boundary("b", "a", error_event("err"), "e2", io("out =v -> w"))
    run = task("a", "jo5", io("in =1 -> v"), inside=loop_of("jo5"))
    play.deploy(process("jo5", START, run, border, END, END2, flows("s>a>e"), top=error("err", "X")))
    play.create("jo5", items=[1, 2, 3])
    first, second, third = play.jobs("jo5")
    play.fail(first, 0, errorMessage="no")
    play.throw(second, "Y", "what", v=2)
    play.throw(third, "X", "that", v=3)
    play.settle()
    play.throw(first, "X")


@scenario
def a_job_that_is_too_large_raises_an_incident(play: Play) -> None:
    play.deploy(one("jo6"))
    instance = play.create("jo6", small=1)
    for name in ("a", "b", "c"):
        play.set_variables(instance.processInstanceKey, **{name: name * 1_500_000})
    play.jobs("jo6")
    play.jobs("jo6", fetch=("small",))
    play.settle()
    play.resolve(play.incident())
    play.jobs("jo6", fetch=("small", "a"))


@scenario
def instances_begin_inside_sub_processes(play: Play) -> None:
    play.deploy(nested("jo8"))
    create_at(play, "jo8", "b")
    create_at(play, "jo8", "b", "c", "b")
    create_at(play, "jo8", "q", "e2")
    create_at(play, "jo8", "pb")
    create_at(play, "jo8", "b", variables='{"x": 1}')
    for job in play.jobs("jo8"):
        play.complete(job)
    play.settle()
    play.advance(20)


@scenario
def instances_do_not_begin_inside_runs(play: Play) -> None:
    play.deploy(nested("jo9", loop_of("jo9")))
    create_at(play, "jo9", "b", variables='{"items": [1, 2]}')
    create_at(play, "jo9", "p", variables='{"items": [1, 2]}')
    create_at(play, "jo9", "p")
    create_at(play, "jo9", "e", "e2")


@scenario
def modification_enters_scopes_and_leaves_them(play: Play) -> None:
    play.deploy(nested("jo10"))
    instance = play.create("jo10", x=1)
    modify(play, instance, "b", p='{"l": 1}', q='{"m": 2}', b='{"n": 3}')
    modify(play, instance, "b", ancestor=instance.processInstanceKey)
    modify(play, instance, "c")
    modify(play, instance, "c", ancestor=play.element("p"))
    modify(play, instance, terminate=[play.element("q")])
    modify(play, instance, "p", terminate=[play.element("p")])
    play.settle()
    play.advance(20)


@scenario
def modification_and_runs(play: Play) -> None:
    play.deploy(nested("jo11", loop_of("jo11")))
    instance = play.create("jo11", items=[1, 2])
    play.settle()
    modify(play, instance, "b")
    run = play.element("p")
    modify(play, instance, "b", ancestor=run)
    modify(play, instance, "p")
    modify(play, instance, terminate=[run])
    modify(play, instance, "e", terminate=[play.element("c")])
    play.cancel(instance)


@scenario
def modification_of_callers_and_called(play: Play) -> None:
    play.deploy(one("jo12-child"))
    border = boundary("b", "a", message_event("msg"), "e2")
    top = message("msg", "jo12", "=k")
    play.deploy(process("jo12", START, call("a", "jo12-child"), border, END, END2, flows("s>a>e"), top=top))
    instance = play.create("jo12", k="a")
    play.settle()
    child = play.jobs("jo12-child")[0]
    modify(play, child, terminate=[child.elementInstanceKey])
    modify(play, child, "a", terminate=[child.elementInstanceKey])
    modify(play, instance, "a", terminate=[play.element("a")])
    modify(play, instance, "a", terminate=[child.elementInstanceKey])
    play.settle()
    play.publish("jo12", "a")


@scenario
def modification_ends_what_waits_at_a_gateway(play: Play) -> None:
    gates = '<parallelGateway id="f"/><parallelGateway id="j"/>'
    play.deploy(
        process(
            "jo13", START, gates, task("a", "jo13-a"), task("b", "jo13-b"), END, flows("s>f f>a>j f>b>j j>e")
        )
    )
    instance = play.create("jo13")
    play.work("jo13-a")
    modify(play, instance, "j", terminate=[play.element("b")])
    modify(play, instance, "b")


@scenario
def modification_of_elements_with_incidents(play: Play) -> None:
    receive = element("receiveTask", "r", messageRef="msg")
    top = message("msg", "jo14", "=k")
    play.deploy(process("jo14", START, task("a", "jo14"), receive, END, flows("s>a>r>e"), top=top))
    instance = play.create("jo14")
    play.fail(play.jobs("jo14")[0], 0)
    modify(play, instance, "r", terminate=[play.element("a")])
    play.settle()
    modify(play, instance, "r", terminate=[play.element("r")], _='{"k": "a"}')
    play.settle()
    play.publish("jo14", "a")
