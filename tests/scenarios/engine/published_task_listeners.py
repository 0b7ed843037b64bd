"""Task listeners: what happens to a user task waits for them; they correct it, or deny it."""

from __future__ import annotations

from typing import Any

from camunda_grpc import gateway_pb2 as pb
from tests.scenarios.engine.commands import mend, modify
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    each,
    element,
    end,
    flows,
    headers,
    process,
    subprocess,
    task,
    timer,
)
from tests.scenarios.engine.play import Play, Rejection
from tests.scenarios.engine.published import published, seen
from tests.scenarios.engine.published_user_tasks import assigned, tasks

PAGE = "components/concepts/user-task-listeners/"
FEATURE = "task listener"
END2 = '<endEvent id="e2"/>'
DUE = '<zeebe:taskSchedule dueDate="2030-01-01T10:00:00Z"/><zeebe:priorityDefinition priority="70"/>'


def listened(id: str, *wanted: str, extra: str = "", inside: str = "") -> str:
    """A native user task; ``"creating x"``: the event and the job type of a listener, and its retries."""
    found = []
    for each_ in wanted:
        event, kind, *retries = each_.split()
        more = f' retries="{retries[0]}"' if retries else ""
        found.append(f'<zeebe:taskListener eventType="{event}" type="{kind}"{more}/>')
    around = f"<zeebe:taskListeners>{''.join(found)}</zeebe:taskListeners>"
    return element("userTask", id, "<zeebe:userTask/>", around, extra, inside=inside)


def one(id: str, *wanted: str, extra: str = "", inside: str = "") -> str:
    return process(id, START, listened("a", *wanted, extra=extra, inside=inside), END, flows("s>a>e"))


def answer(play: Play, kind: str, **result: Any) -> Any:
    """Does the job of a listener with that result; the job is returned."""
    (job,) = play.jobs(kind, 1)
    corrections = result.pop("corrections", None)
    if corrections is not None:
        for name in ("candidateUsers", "candidateGroups"):
            if name in corrections:
                corrections[name] = pb.StringList(values=corrections[name])
        result["corrections"] = pb.JobResultCorrections(**corrections)
    play.call("CompleteJob", jobKey=job.key, result=pb.JobResult(type="userTask", **result))
    return job


def at(play: Play, what: str) -> str:
    return f"/user-tasks/{play.user_task()}/{what}".rstrip("/")


def complete(play: Play, **variables: Any) -> Any:
    return play.begin_rest("POST", at(play, "completion"), {"variables": variables, "action": "done"})


def intents(play: Play) -> list[str]:
    return [
        r["intent"] for r in play.records() if r["valueType"] == "USER_TASK" and r["recordType"] == "EVENT"
    ]


@published(FEATURE, PAGE, dialect="8.8")
def every_event_of_a_user_task_waits_for_its_listeners(play: Play) -> None:
    play.deploy(
        one("tl1", *(f"{event} {event}" for event in ("creating", "assigning", "updating", "completing")))
    )
    play.create("tl1")
    assert intents(play) == ["CREATING"]
    job = answer(play, "creating")
    assert (job.kind, job.listenerEventType) == (pb.ActivatedJob.TASK_LISTENER, pb.ActivatedJob.CREATING)
    given = play.begin_rest("POST", at(play, "assignment"), {"assignee": "ann"})
    answer(play, "assigning")
    given()
    given = play.begin_rest("PATCH", at(play, ""), {"changeset": {"priority": 7}})
    answer(play, "updating")
    given()
    given = complete(play, ok=True)
    answer(play, "completing")
    given()
    assert intents(play) == [
        "CREATING", "CREATED", "ASSIGNING", "ASSIGNED", "UPDATING", "UPDATED", "COMPLETING", "COMPLETED",
    ]  # fmt: skip
    assert seen(play)[-1] == "tl1"


@published(FEATURE, PAGE, dialect="8.8")
def the_assignee_of_the_model_is_assigned_after_the_creation_and_its_listeners(play: Play) -> None:
    play.deploy(one("tl2", "creating c1", "assigning a1", "creating c2", extra=assigned("ann")))
    play.create("tl2")
    for kind in ("c1", "c2", "a1"):
        answer(play, kind)
    assert intents(play) == ["CREATING", "CREATED", "ASSIGNING", "ASSIGNED"]
    assert [value["assignee"] for value in tasks(play, "CREATED") + tasks(play, "ASSIGNED")] == ["", "ann"]
    assert tasks(play, "ASSIGNED")[0]["changedAttributes"] == ["assignee"]


@published(FEATURE, PAGE, dialect="8.8")
def listeners_correct_what_becomes_of_the_task(play: Play) -> None:
    play.deploy(one("tl3", "assigning a1", "assigning a2", "assigning a3", extra=DUE))
    play.create("tl3")
    given = play.begin_rest("POST", at(play, "assignment"), {"assignee": "ann"})
    answer(play, "a1", corrections={"priority": 9, "candidateUsers": ["x", "y"], "dueDate": ""})
    (job,) = play.jobs("a2")
    assert job.userTask.priority == 9
    assert list(job.userTask.changedAttributes) == ["assignee", "candidateUsersList", "dueDate", "priority"]
    play.call(
        "CompleteJob", jobKey=job.key,
        result=pb.JobResult(corrections=pb.JobResultCorrections(priority=70, assignee="bob")),
    )  # fmt: skip
    job = answer(play, "a3")
    assert list(job.userTask.changedAttributes) == ["assignee", "candidateUsersList", "dueDate"]
    given()
    (value,) = tasks(play, "ASSIGNED")
    assert (value["assignee"], value["priority"], value["dueDate"]) == ("bob", 70, "")
    assert value["candidateUsersList"] == ["x", "y"]
    assert len(tasks(play, "CORRECTED")) == 2


@published(FEATURE, PAGE, dialect="8.8")
def a_denied_completion_leaves_the_task_as_it_was(play: Play) -> None:
    play.deploy(one("tl4", "completing c1", "completing c2"))
    play.create("tl4")
    given = complete(play, ok=False)
    answer(play, "c1", corrections={"priority": 1})
    answer(play, "c2", denied=True, deniedReason="not yet")
    said = given()
    assert said["title"] == "INVALID_STATE"
    assert said["status"] == 409
    assert "was denied by Task Listener. Reason to deny: 'not yet'" in said["detail"]
    given = complete(play, ok=True)
    answer(play, "c1")
    answer(play, "c2")
    given()
    assert [value["priority"] for value in tasks(play, "COMPLETED")] == [50]
    assert seen(play)[-1] == "tl4"


@published(FEATURE, PAGE, dialect="8.8")
def assigning_and_updating_are_denied_too(play: Play) -> None:
    play.deploy(one("tl5", "assigning a1", "updating u1", extra=assigned("ann")))
    play.create("tl5")
    answer(play, "a1", denied=True)
    given = play.begin_rest("PATCH", at(play, ""), {"changeset": {"priority": 7}})
    answer(play, "u1", denied=True)
    assert given()["status"] == 409
    given = play.begin_rest("POST", at(play, "assignment"), {"assignee": "bob", "allowOverride": False})
    answer(play, "a1", denied=True, deniedReason="no")
    assert given()["status"] == 409
    play.rest("POST", at(play, "completion"), {})
    (value,) = tasks(play, "COMPLETED")
    assert (value["assignee"], value["priority"]) == ("", 50)


@published(FEATURE, PAGE, dialect="8.8")
def a_listener_reads_the_task_from_headers_and_sees_what_it_is_completed_with(play: Play) -> None:
    who = assigned("", candidateGroups="a, b").replace('assignee="" ', "")
    play.deploy(one("tl6", "completing c1", extra=who + headers(h="v")))
    play.create("tl6", x=1)
    given = complete(play, ok=True)
    job = answer(play, "c1")
    given()
    assert '"h":"v"' in job.customHeaders
    assert '"io.camunda.zeebe:candidateGroups":"[\\"a\\",\\"b\\"]"' in job.customHeaders
    assert '"io.camunda.zeebe:action":"done"' in job.customHeaders
    assert "assignee" not in job.customHeaders
    assert '"ok":true' in job.variables


@published(FEATURE, PAGE, dialect="8.8")
def a_listener_that_fails_stops_the_transition_until_its_incident_is_resolved(play: Play) -> None:
    play.deploy(one("tl7", "completing c1", "completing c2 1"))
    play.create("tl7")
    given = complete(play)
    answer(play, "c1")
    (job,) = play.jobs("c2")
    play.fail(job, 0, errorMessage="no")
    assert play.rest("POST", at(play, "assignment"), {"assignee": "ann"})["title"] == "INVALID_STATE"
    play.call("UpdateJobRetries", jobKey=job.key, retries=1)
    play.resolve(play.incident())
    answer(play, "c2")
    given()
    assert seen(play)[-1] == "tl7"


@published(FEATURE, PAGE, dialect="8.8")
def all_listeners_are_asked_again_after_an_expression_of_one_has_failed(play: Play) -> None:
    play.deploy(one("tl8", "creating c1", "creating =kind"))
    instance = play.create("tl8").processInstanceKey
    answer(play, "c1", corrections={"priority": 1})
    mend(play, instance, kind=None)
    answer(play, "c1")
    play.set_variables(instance, kind="c2")
    play.resolve(play.incident())
    answer(play, "c1")
    answer(play, "c2")
    assert [value["priority"] for value in tasks(play, "CREATED")] == [50]
    play.rest("POST", at(play, "completion"))


@published(FEATURE, PAGE, dialect="8.8")
def what_a_listener_cannot_answer_is_refused(play: Play) -> None:
    play.deploy(one("tl9", "creating c1", "completing c2", extra=assigned("ann")))
    play.create("tl9")
    (job,) = play.jobs("c1")

    def refused(**fields: Any) -> None:
        assert isinstance(play.call("CompleteJob", jobKey=job.key, **fields), Rejection)

    refused(variables='{"x":1}')
    refused(result=pb.JobResult(denied=True))
    refused(result=pb.JobResult(corrections=pb.JobResultCorrections(assignee="bob")))
    refused(result=pb.JobResult(corrections=pb.JobResultCorrections(priority=101)))
    assert isinstance(play.throw(job, "X"), Rejection)
    play.complete(job)
    given = complete(play)
    (job,) = play.jobs("c2")
    refused(result=pb.JobResult(denied=True, corrections=pb.JobResultCorrections(assignee="bob")))
    play.complete(job)
    given()


@published(FEATURE, PAGE, dialect="8.8")
def a_cancelled_task_waits_for_its_canceling_listeners(play: Play) -> None:
    play.deploy(one("tl10", "canceling x1", "canceling x2"))
    instance = play.create("tl10")
    play.cancel(instance)
    assert not seen(play, "ELEMENT_TERMINATED")
    answer(play, "x1")
    answer(play, "x2", corrections={"priority": 3})
    assert [value["priority"] for value in tasks(play, "CANCELED")] == [3]
    assert seen(play, "ELEMENT_TERMINATED") == ["a", "tl10"]


@published(FEATURE, PAGE, dialect="8.8")
def a_timer_interrupts_a_task_whose_completion_waits_for_a_listener(play: Play) -> None:
    late = boundary("b", "a", timer("Duration", "PT10S"), "e2")
    model = process(
        "tl11", START, listened("a", "completing c1", "canceling x1"), late, END, END2, flows("s>a>e")
    )
    play.deploy(model)
    play.create("tl11")
    given = complete(play)
    (job,) = play.jobs("c1")
    play.advance(11)
    assert isinstance(play.complete(job), Rejection)
    assert given()["title"] == "NOT_FOUND"
    answer(play, "x1")
    assert intents(play)[-2:] == ["CANCELING", "CANCELED"]
    assert seen(play)[-2:] == ["e2", "tl11"]


@published(FEATURE, PAGE, dialect="8.8")
def a_sub_process_ends_after_the_canceling_listeners_of_its_tasks(play: Play) -> None:
    inner = ('<startEvent id="is"/>', listened("a", "canceling x1"), task("t", "tl12"), flows("is>a is>t>ie"))
    sub = subprocess("sub", *inner, end("ie", "<terminateEventDefinition/>"))
    play.deploy(process("tl12", START, sub, END, flows("s>sub>e")))
    play.create("tl12")
    play.work("tl12")
    assert "sub" not in seen(play)
    answer(play, "x1")
    assert seen(play)[-3:] == ["sub", "e", "tl12"]


@published(FEATURE, PAGE, dialect="8.8")
def each_run_of_a_multi_instance_has_task_listeners_of_its_own(play: Play) -> None:
    loop = each("=people", "who")
    play.deploy(one("tl13", "creating c1", "assigning a1", extra=assigned("=who"), inside=loop))
    play.create("tl13", people=["ann", "bob"])
    for kind in ("c1", "c1", "a1", "a1"):
        answer(play, kind)
    assert sorted(value["assignee"] for value in tasks(play, "ASSIGNED")) == ["ann", "bob"]
    for value in tasks(play, "CREATED"):
        play.rest("POST", f"/user-tasks/{value['userTaskKey']}/completion")
    assert seen(play)[-1] == "tl13"


@published(FEATURE, PAGE, dialect="8.8")
def a_canceling_listener_that_cannot_be_evaluated_stops_the_end(play: Play) -> None:
    play.deploy(one("tl14", "canceling =kind"))
    instance = play.create("tl14")
    play.cancel(instance)
    assert seen(play, "ELEMENT_TERMINATED") == []
    play.resolve(play.incident())
    assert seen(play, "ELEMENT_TERMINATED") == []


@published(FEATURE, PAGE, dialect="8.8")
def a_modification_ends_a_task_at_once(play: Play) -> None:
    play.deploy(
        process("tl15", START, listened("a", "canceling x1"), task("b", "tl15"), END, flows("s>a>b>e"))
    )
    instance = play.create("tl15")
    modify(play, instance, "b", terminate=[play.element("a")])
    assert intents(play)[-1] == "CANCELED"
    play.work("tl15")
    assert seen(play)[-1] == "tl15"


@published(FEATURE, PAGE, dialect="8.8")
def task_listeners_of_an_event_that_there_is_not_are_refused(play: Play) -> None:
    assert "'eventType' must be one of" in str(play.deploy(one("tl16", "completed x")))


@published(FEATURE, PAGE)
def the_8_6_line_has_no_task_listeners(play: Play) -> None:
    assert "'zeebe:taskListeners' is not supported" in str(play.deploy(one("tl17", "completing x")))
