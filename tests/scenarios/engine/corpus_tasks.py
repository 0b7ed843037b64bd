"""Tasks and their jobs, variables and mappings."""

from __future__ import annotations

from camunda_grpc import gateway_pb2 as pb
from tests.scenarios.engine.models import (
    END,
    START,
    boundary,
    element,
    error,
    error_event,
    extensions,
    flows,
    headers,
    io,
    process,
    task,
    timer,
)
from tests.scenarios.engine.play import Play, scenario

DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="{id}" name="Requirements" namespace="n">
<decision id="{id}_d" name="Decision"><decisionTable id="t" hitPolicy="UNIQUE">
<input id="i" label="X"><inputExpression id="ie" typeRef="number"><text>x</text></inputExpression></input>
<output id="o" name="res" typeRef="number"/>
<rule id="r1"><inputEntry id="u1"><text>&gt; 5</text></inputEntry><outputEntry id="l1"><text>10</text></outputEntry></rule>
<rule id="r2"><inputEntry id="u2"><text>&gt; 8</text></inputEntry><outputEntry id="l2"><text>20</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def one(id: str, *extra: str, **values: str) -> str:
    return process(id, START, task("a", id, *extra, **values), END, flows("s>a>e"))


@scenario
def a_service_task_makes_a_job_and_merges_what_it_returns(play: Play) -> None:
    play.deploy(one("st1", io("in =x+1 -> y", "out =r -> result"), headers(h="v")))
    play.create("st1", x=1, b="q")
    play.work("st1", r=5, zz={"q": 1})


@scenario
def a_job_without_output_mappings_hands_everything_to_the_process(play: Play) -> None:
    play.deploy(one("st2", io("in =x -> local", "in =x -> same")))
    play.create("st2", x=1)
    play.work("st2", x=2, local=3, same=1, fresh=4, empty=None)


@scenario
def job_type_and_retries_can_be_expressions(play: Play) -> None:
    play.deploy(process("ex1", START, task("a", "=t", retries="=n"), END, flows("s>a>e")))
    play.create("ex1", t="ex1-job", n=7)
    play.create("ex1", t=5, n=7)
    play.create("ex1", t="ex1-job", n="7")
    play.create("ex1", t="ex1-job")
    play.jobs("ex1-job")


@scenario
def a_failed_job_with_retries_is_there_again(play: Play) -> None:
    play.deploy(one("fj1"))
    play.create("fj1", q=1)
    play.fail(play.jobs("fj1")[0], 2, errorMessage="m", variables='{"f":1,"q":2}')
    play.fail(play.jobs("fj1")[0], 1, errorMessage="m", retryBackOff=5000)
    play.jobs("fj1")
    play.advance(6)
    play.complete(play.jobs("fj1")[0])


@scenario
def a_job_without_retries_raises_an_incident_that_needs_retries_first(play: Play) -> None:
    play.deploy(one("fj2"))
    play.create("fj2")
    job = play.jobs("fj2")[0]
    play.fail(job, 0, errorMessage="no")
    play.complete(job)
    play.fail(job, 1)
    play.throw(job, "X")
    play.call("UpdateJobTimeout", jobKey=job.key, timeout=1000)
    incident = play.incident()
    play.resolve(incident)
    play.call("UpdateJobRetries", jobKey=job.key, retries=0)
    play.call("UpdateJobRetries", jobKey=job.key, retries=2)
    play.jobs("fj2")
    play.resolve(incident)
    play.resolve(incident)
    play.work("fj2")


@scenario
def a_job_incident_without_a_message_says_so(play: Play) -> None:
    play.deploy(one("fj3"))
    instance = play.create("fj3", q=1)
    play.fail(play.jobs("fj3")[0], 0, variables='{"q":2,"n":1}')
    play.cancel(instance)


@scenario
def an_activated_job_times_out_and_its_timeout_can_be_moved(play: Play) -> None:
    play.deploy(one("to1"))
    play.create("to1")
    job = play.jobs("to1", timeout=2000)[0]
    play.advance(3)
    job = play.jobs("to1", timeout=2000)[0]
    play.call("UpdateJobTimeout", jobKey=job.key, timeout=60_000)
    play.advance(3)
    play.jobs("to1")
    play.complete(job)
    play.complete(job)
    play.call("UpdateJobTimeout", jobKey=job.key, timeout=60_000)
    play.call("UpdateJobRetries", jobKey=job.key, retries=1)
    play.fail(job, 1)
    play.throw(job, "X")


@scenario
def jobs_come_oldest_first_with_the_variables_asked_for(play: Play) -> None:
    play.deploy(one("fi1"))
    for i in range(4):
        play.create("fi1", i=i, other=[i])
    play.jobs("fi1", 2, fetch=("i",))
    play.jobs("fi1", 5, fetch=("none",))
    play.jobs("fi1", 5)


@scenario
def an_error_is_caught_by_the_boundary_event_of_its_code(play: Play) -> None:
    play.deploy(
        process(
            "eb1",
            START,
            task("a", "eb1"),
            boundary("b", "a", error_event("er"), "h", io("out =msg -> m2")),
            task("h", "eb1-h"),
            END,
            flows("s>a>e h>e"),
            top=error("er", "CODE"),
        )
    )
    play.create("eb1")
    play.throw(play.jobs("eb1")[0], "CODE", "boom", msg="hi")


@scenario
def the_variables_of_an_error_without_mappings(play: Play) -> None:
    play.deploy(
        process(
            "eb2", START, task("a", "eb2"), boundary("b", "a", error_event("er"), "e2"), END, '<endEvent id="e2"/>', flows("s>a>e"),
            top=error("er", "CODE"),
        )
    )  # fmt: skip
    play.create("eb2", known=1)
    play.throw(play.jobs("eb2")[0], "CODE", known=2, msg="hi")


@scenario
def an_uncaught_error_raises_an_incident_and_the_job_can_be_tried_again(play: Play) -> None:
    play.deploy(
        process(
            "eb3", START, task("a", "eb3"), boundary("b", "a", error_event("er"), "e2"), END, '<endEvent id="e2"/>', flows("s>a>e"),
            top=error("er", "CODE"),
        )
    )  # fmt: skip
    play.create("eb3")
    job = play.jobs("eb3")[0]
    play.throw(job, "OTHER", "boom", msg="hi")
    play.complete(job)
    play.fail(job, 1)
    play.call("UpdateJobTimeout", jobKey=job.key, timeout=1000)
    play.call("UpdateJobRetries", jobKey=job.key, retries=2)
    play.resolve(play.incident())
    play.throw(play.jobs("eb3")[0], "CODE")


@scenario
def an_error_boundary_without_a_code_catches_all(play: Play) -> None:
    play.deploy(
        process(
            "eb4",
            START,
            task("a", "eb4"),
            boundary("b", "a", error_event(), "e2"),
            END,
            '<endEvent id="e2"/>',
            flows("s>a>e"),
        )
    )
    play.create("eb4")
    play.throw(play.jobs("eb4")[0], "ANY")


@scenario
def input_mappings_take_texts_paths_and_each_other(play: Play) -> None:
    play.deploy(
        one(
            "im1",
            io(
                "in abc -> st",
                "in 5 -> num",
                "in =1 -> a.b",
                "in =2 -> a.c",
                "in =st -> prev",
                "in =missing -> gone",
            ),
        )
    )
    play.create("im1", o={"z": 1})
    play.jobs("im1")


@scenario
def output_mappings_merge_into_what_is_there(play: Play) -> None:
    play.deploy(
        one(
            "om1",
            io(
                "out =r -> o.p",
                "out =r -> o.q",
                "out =o -> cp",
                "out =r+1 -> v",
                "out =v -> w",
                "out =r -> n.p.k",
            ),
        )
    )
    play.create("om1", o={"z": 1})
    play.work("om1", r=1)
    play.create("om1", o=5)
    play.work("om1", r=1)


@scenario
def an_input_mapping_that_asserts_raises_an_incident(play: Play) -> None:
    play.deploy(one("ia1", io("in =assert(x, x!=null) -> y", "out =r -> o")))
    instance = play.create("ia1")
    first = play.incident()
    play.resolve(first)
    play.resolve(first)
    play.set_variables(instance.processInstanceKey, x=1)
    play.resolve(play.incident())
    play.work("ia1", r=2)


@scenario
def an_output_mapping_that_asserts_raises_an_incident(play: Play) -> None:
    play.deploy(one("oa1", io("out =assert(r, r > 5) -> o")))
    instance = play.create("oa1")
    play.work("oa1", r=2)
    play.set_variables(play.element("a"), True, r=9)
    play.resolve(play.incident())
    play.cancel(instance)


@scenario
def variables_are_set_locally_or_where_they_are(play: Play) -> None:
    play.deploy(one("sv1", io("in =x -> inner")))
    instance = play.create("sv1", x=1)
    task_key = play.element("a")
    play.set_variables(task_key, inner=2, x=2, fresh=3)
    play.set_variables(task_key, True, inner=2, x=3, other=4)
    play.set_variables(instance.processInstanceKey, True, x=2)
    play.set_variables(instance.processInstanceKey)
    play.call("SetVariables", elementInstanceKey=2**51 + 2**40, variables="{}")
    play.jobs("sv1")


@scenario
def a_script_task_evaluates_its_expression(play: Play) -> None:
    script = element(
        "scriptTask", "a", '<zeebe:script expression="=x + 1" resultVariable="y"/>', io("out =y -> z")
    )
    play.deploy(process("sc1", START, script, END, flows("s>a>e")))
    play.create("sc1", x=1)
    play.create("sc1")


@scenario
def a_script_task_without_mappings_merges_its_result(play: Play) -> None:
    script = element("scriptTask", "a", '<zeebe:script expression="=x + 1" resultVariable="y"/>')
    play.deploy(process("sc2", START, script, END, flows("s>a>e")))
    play.create("sc2", x=1)


@scenario
def script_send_and_rule_tasks_can_be_jobs(play: Play) -> None:
    for tag in ("scriptTask", "sendTask", "businessRuleTask"):
        id = f"jt-{tag}"
        play.deploy(process(id, START, task("a", id, tag=tag), END, flows("s>a>e")))
        play.create(id)
        play.work(id, x=1)


@scenario
def a_user_task_is_a_job_with_its_properties_as_headers(play: Play) -> None:
    user = element(
        "userTask",
        "a",
        '<zeebe:formDefinition formKey="fk"/><zeebe:assignmentDefinition assignee="=x" candidateGroups="a,b" '
        'candidateUsers="=[x]"/><zeebe:taskSchedule dueDate="2030-01-01T10:20:30Z" followUpDate="=later"/>',
        headers(h="v"),
    )
    play.deploy(process("ut1", START, user, END, flows("s>a>e")))
    play.create("ut1", x="me", later="2031-01-01T00:00:00+01:00")
    play.work("io.camunda.zeebe:userTask", done=True)


@scenario
def manual_undefined_and_none_throw_pass_through(play: Play) -> None:
    middle = '<intermediateThrowEvent id="nt"/><manualTask id="mt"/><task id="ut"/>'
    play.deploy(process("mt1", START, middle, END, flows("s>nt>mt>ut>e")))
    play.create("mt1")


@scenario
def mappings_of_pass_through_elements_are_applied(play: Play) -> None:
    manual = element("manualTask", "a", io("in =1 -> y", "out =y+1 -> z"))
    ending = element("endEvent", "e", io("in =z -> q", "out =q*2 -> r"))
    play.deploy(process("mt2", START, manual, ending, flows("s>a>e")))
    play.create("mt2")


@scenario
def a_rule_task_calls_a_decision(play: Play) -> None:
    rule = element("businessRuleTask", "a", '<zeebe:calledDecision decisionId="br1_d" resultVariable="y"/>')
    play.deploy(DMN.format(id="br1"), name="br1.dmn")
    play.deploy(process("br1", START, rule, END, flows("s>a>e")))
    play.create("br1", x=6)
    play.create("br1", x=1)
    play.create("br1", x=60)
    play.call("EvaluateDecision", decisionId="br1_d", variables='{"x":7}')
    play.call("EvaluateDecision", decisionId="br1_d", variables='{"x":9}')


@scenario
def a_rule_task_without_its_decision_raises_an_incident(play: Play) -> None:
    rule = element("businessRuleTask", "a", '<zeebe:calledDecision decisionId="nowhere" resultVariable="y"/>')
    play.deploy(process("br2", START, rule, END, flows("s>a>e")))
    play.create("br2", x=6)
    play.call("EvaluateDecision", decisionId="nowhere")
    play.call("EvaluateDecision", decisionKey=2**51 + 2**40)
    play.call("EvaluateDecision", decisionKey=-1)


@scenario
def a_job_is_cancelled_with_its_instance(play: Play) -> None:
    play.deploy(one("cj1"))
    instance = play.create("cj1")
    job = play.jobs("cj1")[0]
    play.cancel(instance)
    play.complete(job)
    play.cancel(instance)


@scenario
def a_result_is_awaited(play: Play) -> None:
    play.deploy(
        process(
            "wr1",
            START,
            element("scriptTask", "a", '<zeebe:script expression="=x+1" resultVariable="y"/>'),
            END,
            flows("s>a>e"),
        )
    )
    request = pb.CreateProcessInstanceRequest(bpmnProcessId="wr1", version=-1, variables='{"x":1}')
    play.call("CreateProcessInstanceWithResult", request=request, requestTimeout=5000)
    play.call(
        "CreateProcessInstanceWithResult", request=request, requestTimeout=5000, fetchVariables=["y", "zz"]
    )
    missing = pb.CreateProcessInstanceRequest(bpmnProcessId="wr1-missing", version=-1)
    play.call("CreateProcessInstanceWithResult", request=missing)


@scenario
def two_boundary_timers_of_a_task(play: Play) -> None:
    play.deploy(
        process(
            "bt1", START, task("a", "bt1"), END,
            boundary("bi", "a", timer("Duration", "PT20S"), "e2"),
            boundary("bn", "a", timer("Cycle", "R2/PT5S"), "e3", interrupting=False),
            '<endEvent id="e2"/><endEvent id="e3"/>', flows("s>a>e"),
        )
    )  # fmt: skip
    play.create("bt1")
    play.advance(5)
    play.advance(5)
    play.advance(10)
    play.jobs("bt1")


@scenario
def documents_are_checked_before_the_engine(play: Play) -> None:
    play.deploy(one("dc1"))
    for text in (
        "",
        "  ",
        "null",
        '{"a":1} x',
        "[1]",
        '"t"',
        '{"a":',
        '{"a":NaN}',
        '{"a":36893488147419103232}',
    ):
        play.call("CreateProcessInstance", bpmnProcessId="dc1", version=-1, variables=text)
    assert extensions() == ""
