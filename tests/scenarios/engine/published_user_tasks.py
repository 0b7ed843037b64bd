"""Native user tasks beside other features; what they do alone was recorded, see ``test_user_tasks``."""

from __future__ import annotations

from typing import Any

from tests.scenarios.engine.commands import mend, migrate, modify
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    each,
    element,
    end,
    error,
    error_event,
    flows,
    headers,
    io,
    message,
    message_event,
    process,
    subprocess,
    task,
    timer,
)
from tests.scenarios.engine.play import Play
from tests.scenarios.engine.published import published, seen

PAGE = "components/modeler/bpmn/user-tasks/"
FEATURE = "native user task"
NEW = "native user task of 8.8"
END2 = '<endEvent id="e2"/>'
TERMINATE = "<terminateEventDefinition/>"


def native(id: str, *extra: str, inside: str = "") -> str:
    return element("userTask", id, "<zeebe:userTask/>", *extra, inside=inside)


def assigned(text: str, **others: str) -> str:
    more = "".join(f' {name}="{value}"' for name, value in others.items())
    return f'<zeebe:assignmentDefinition assignee="{text}"{more}/>'


def one(id: str, *extra: str, inside: str = "") -> str:
    return process(id, START, native("a", *extra, inside=inside), END, flows("s>a>e"))


def tasks(play: Play, intent: str) -> list[dict[str, Any]]:
    """The values of the records of user tasks with that intent."""
    return [
        r["value"]
        for r in play.records()
        if r["valueType"] == "USER_TASK" and r["recordType"] == "EVENT" and r["intent"] == intent
    ]


def complete(play: Play, key: int, **variables: Any) -> Any:
    return play.rest("POST", f"/user-tasks/{key}/completion", {"variables": variables})


@published(FEATURE, PAGE)
def an_interrupting_timer_cancels_a_user_task(play: Play) -> None:
    late = boundary("b", "a", timer("Duration", "PT10S"), "e2")
    play.deploy(process("nu1", START, native("a", assigned("ann")), late, END, END2, flows("s>a>e")))
    play.create("nu1")
    play.advance(11)
    complete(play, play.user_task())
    assert [each["assignee"] for each in tasks(play, "CANCELED")] == ["ann"]
    assert seen(play)[-2:] == ["e2", "nu1"]


@published(FEATURE, PAGE)
def a_user_task_stays_beside_a_message_that_does_not_interrupt_it(play: Play) -> None:
    asked = boundary("b", "a", message_event("m"), "e2", interrupting=False)
    top = message("m", "nu2", "=k")
    play.deploy(process("nu2", START, native("a"), asked, END, END2, flows("s>a>e"), top=top))
    play.create("nu2", k="k")
    play.publish("nu2", "k", x=1)
    complete(play, play.user_task(), x=2)
    assert not tasks(play, "CANCELED")
    assert seen(play)[-1] == "nu2"


@published(FEATURE, PAGE)
def each_run_of_a_parallel_multi_instance_has_a_user_task_of_its_own(play: Play) -> None:
    loop = each("=people", "who", results="answers", result="=answer")
    play.deploy(one("nu3", assigned("=who"), inside=loop))
    play.create("nu3", people=["ann", "bob", "cat"])
    keys = {value["assignee"]: value["userTaskKey"] for value in tasks(play, "CREATED")}
    for name in ("bob", "ann", "cat"):
        complete(play, keys[name], answer=name.upper())
    assert seen(play)[-1] == "nu3"


@published(FEATURE, PAGE)
def a_sequential_multi_instance_has_one_user_task_after_the_other(play: Play) -> None:
    loop = each(
        "=people", "who", sequential=True, results="answers", result="=answer", until="=answer = false"
    )
    play.deploy(one("nu4", assigned("=who"), inside=loop))
    play.create("nu4", people=["ann", "bob", "cat"])
    complete(play, play.user_task(), answer=True)
    complete(play, play.user_task(), answer=False)
    assert [value["assignee"] for value in tasks(play, "CREATED")] == ["ann", "bob"]
    assert seen(play)[-1] == "nu4"


@published(FEATURE, PAGE)
def a_completion_condition_cancels_the_user_tasks_that_are_left(play: Play) -> None:
    loop = each("=people", "who", until="=numberOfCompletedInstances = 1")
    play.deploy(one("nu5", assigned("=who"), inside=loop))
    play.create("nu5", people=["ann", "bob"])
    complete(play, tasks(play, "CREATED")[0]["userTaskKey"])
    assert [value["assignee"] for value in tasks(play, "CANCELED")] == ["bob"]
    assert seen(play)[-1] == "nu5"


@published(FEATURE, PAGE)
def an_error_in_its_sub_process_cancels_a_user_task(play: Play) -> None:
    inner = ('<startEvent id="is"/>', native("a"), task("t", "nu6"), flows("is>a is>t"))
    caught = boundary("b", "sub", error_event("err"), "e2")
    model = process(
        "nu6", START, subprocess("sub", *inner), caught, END, END2, flows("s>sub>e"), top=error("err", "X")
    )
    play.deploy(model)
    play.create("nu6")
    play.throw(play.jobs("nu6")[0], "X")
    assert len(tasks(play, "CANCELED")) == 1
    assert seen(play)[-2:] == ["e2", "nu6"]


@published(FEATURE, PAGE)
def a_terminate_end_event_cancels_a_user_task(play: Play) -> None:
    model = process("nu7", START, native("a"), task("t", "nu7"), end("e", TERMINATE), flows("s>a s>t>e"))
    play.deploy(model)
    play.create("nu7")
    play.work("nu7")
    assert len(tasks(play, "CANCELED")) == 1
    assert seen(play)[-1] == "nu7"


@published(FEATURE, PAGE)
def a_modification_activates_and_cancels_user_tasks(play: Play) -> None:
    play.deploy(process("nu8", START, native("a"), native("b", assigned("=who")), END, flows("s>a>b>e")))
    instance = play.create("nu8")
    modify(play, instance, "b", terminate=[play.element("a")], b='{"who":"ann"}')
    complete(play, play.user_task())
    assert [value["elementId"] for value in tasks(play, "CANCELED")] == ["a"]
    assert [value["assignee"] for value in tasks(play, "COMPLETED")] == ["ann"]


@published(FEATURE, PAGE)
def a_migrated_user_task_keeps_its_properties_and_goes_on_in_the_new_definition(play: Play) -> None:
    play.deploy(one("nu9", assigned("ann"), headers(h="old")))
    instance = play.create("nu9")
    new = process("nu9n", START, native("x", assigned("bob"), headers(h="new")), END, flows("s>x>e"))
    target = play.deploy(new, name="new.bpmn")
    play.rest("POST", f"/user-tasks/{play.user_task()}/assignment", {"assignee": "cat"})
    migrate(play, instance, target, a="x")
    complete(play, play.user_task())
    (value,) = tasks(play, "COMPLETED")
    assert (value["bpmnProcessId"], value["elementId"]) == ("nu9n", "x")
    assert (value["assignee"], value["customHeaders"]) == ("cat", {"h": "old"})
    assert seen(play)[-1] == "nu9n"


@published(FEATURE, "components/concepts/process-instance-migration/")
def a_user_task_does_not_migrate_to_one_that_is_done_otherwise(play: Play) -> None:
    play.deploy(one("nu10"))
    target = play.deploy(process("nu10n", START, '<userTask id="a"/>', END, flows("s>a>e")), name="new.bpmn")
    instance = play.create("nu10")
    refused = migrate(play, instance, target, a="a")
    assert "different implementation" in str(refused)
    complete(play, play.user_task())


@published(FEATURE, PAGE)
def what_a_user_task_lacks_is_mended_and_tried_again(play: Play) -> None:
    play.deploy(
        one(
            "nu11",
            assigned("=who", candidateGroups="=groups"),
            '<zeebe:taskSchedule dueDate="=due"/><zeebe:priorityDefinition priority="=prio"/>',
        )
    )
    instance = play.create("nu11").processInstanceKey
    mend(play, instance, who="ann")
    mend(play, instance, groups=["a", 1])
    mend(play, instance, groups=["a"])
    mend(play, instance, due="tomorrow")
    mend(play, instance, due="2030-01-01T00:00:00+01:00")
    mend(play, instance, prio="high")
    mend(play, instance, prio=101)
    play.set_variables(instance, prio=100)
    play.resolve(play.incident())
    complete(play, play.user_task())
    (value,) = tasks(play, "COMPLETED")
    assert (value["assignee"], value["candidateGroupsList"], value["priority"]) == ("ann", ["a"], 100)
    assert value["dueDate"] == "2030-01-01T00:00+01:00"


@published(FEATURE, PAGE)
def a_completed_user_task_whose_results_cannot_be_mapped_raises_an_incident(play: Play) -> None:
    play.deploy(one("nu12", io("out =assert(r, r > 5) -> o")))
    play.create("nu12")
    complete(play, play.user_task(), r=1)
    play.set_variables(play.element("a"), True, r=6)
    play.resolve(play.incident())
    assert seen(play)[-1] == "nu12"


@published(FEATURE, PAGE)
def a_user_task_in_a_called_process_is_cancelled_with_its_caller(play: Play) -> None:
    caller = process(
        "nu13",
        START,
        element("callActivity", "c", '<zeebe:calledElement processId="nu13c"/>'),
        END,
        flows("s>c>e"),
    )
    play.deploy(one("nu13c", assigned("ann")), caller)
    instance = play.create("nu13")
    play.rest("PATCH", f"/user-tasks/{play.user_task()}", {"changeset": {"priority": 1}})
    play.cancel(instance)
    assert [value["priority"] for value in tasks(play, "CANCELED")] == [1]


@published(FEATURE, PAGE)
def an_update_may_say_no_more_than_an_action(play: Play) -> None:
    play.deploy(one("nu14"))
    play.create("nu14")
    play.rest("PATCH", f"/user-tasks/{play.user_task()}", {"action": "remind"})
    assert [(value["action"], value["changedAttributes"]) for value in tasks(play, "UPDATED")] == [
        ("remind", [])
    ]


@published(NEW, PAGE, dialect="8.8")
def since_8_8_a_task_is_assigned_after_it_was_created_and_null_is_nobody(play: Play) -> None:
    play.deploy(one("nu15", assigned("=who")))
    play.create("nu15", who="ann")
    assert [value["assignee"] for value in tasks(play, "CREATED")] == [""]
    assert [value["assignee"] for value in tasks(play, "ASSIGNED")] == ["ann"]
    play.create("nu15", who=None)
    assert len(tasks(play, "CREATED")) == 2
    assert len(tasks(play, "ASSIGNED")) == 1
    key = play.user_task()
    play.rest("POST", f"/user-tasks/{key}/assignment", {"assignee": "bob", "allowOverride": False})
    assert play.rest("POST", f"/user-tasks/{key}/assignment", {"assignee": ""})["title"] == "INVALID_ARGUMENT"
    assert play.rest("POST", f"/user-tasks/{key}/assignment", {"who": ""})["title"] == "Bad Request"
    complete(play, key)
