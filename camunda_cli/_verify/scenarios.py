"""The scenarios: every RPC, and every kind of refusal. Each is written once against the client's methods."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from camunda_cli._models import catching, decision, erring, service_tasks
from camunda_cli._verify.play import NEVER, Play, Scenario

__all__ = ["SCENARIOS"]

SCENARIOS: list[Scenario] = []

_EVERY_KIND = {
    "text": 'äöü €😀 "quoted" \\ \n',
    "number": 1,
    "large": 2**53 + 1,
    "fraction": 1.5,
    "truth": True,
    "nothing": None,
    "list": [1, 2, [], {}],
    "object": {"a": {"b": ""}},
}


def scenario(about: str, since: tuple[int, int] = (8, 5)) -> Callable[[Callable[[Play], None]], None]:
    """Registers one."""

    def register(perform: Callable[[Play], None]) -> None:
        SCENARIOS.append(Scenario(perform.__name__.replace("_", " "), about, perform, since))

    return register


def _order(play: Play, tasks: int = 2) -> tuple[str, list[str], str]:
    """A process of service tasks: its id, the types of its jobs, the key of its definition."""
    process = play.name("order")
    types = [play.name(f"job{number}") for number in range(1, tasks + 1)]
    made = play.deploy((f"{process}.bpmn", service_tasks(process, *types)))
    return process, types, made.processes[0].process_definition_key


# The cluster and what is deployed


@scenario("Topology")
def topology(play: Play) -> None:
    found = play.call("topology")
    play.check(found.partitions_count > 0, "there are no partitions")


@scenario("DeployResource, DeleteResource")
def deployments(play: Play) -> None:
    process, _, key = _order(play)
    content = service_tasks(process, play.name("job1"), play.name("job2"))
    again = play.deploy((f"{process}.bpmn", content))
    play.check(again.processes[0].process_definition_key == key, "the same file has another key")
    newer = play.deploy((f"{process}.bpmn", service_tasks(process, play.name("other"))))
    play.check(newer.processes[0].process_definition_version == 2, "a changed file has no new version")
    play.call("delete_resource", newer.processes[0].process_definition_key)
    play.refused("delete_resource", newer.processes[0].process_definition_key, kind="NotFound")
    play.resources.remove(newer.processes[0].process_definition_key)


@scenario("DeployProcess")
def deployments_of_processes_alone(play: Play) -> None:
    process = play.name("old")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it is, and is meant
        made = play.call("deploy_process", (f"{process}.bpmn", service_tasks(process)))
    play.check(made.processes[0].process_definition_version == 1, "a new process has not version 1")


@scenario("DeployResource: refusals")
def deployments_that_are_refused(play: Play) -> None:
    play.refused("deploy_resource", (f"{play.name('bad')}.bpmn", b"<no/>"), kind="InvalidArgument")
    play.refused("deploy_resource", (f"{play.name('bad')}.txt", b"text"), kind="InvalidArgument")
    broken = service_tasks(play.name("bad"), "= 1 +")
    play.refused("deploy_resource", (f"{play.name('bad')}.bpmn", broken), kind="InvalidArgument")
    play.refused("deploy_resource", kind="InvalidRequest")
    play.refused("delete_resource", NEVER, kind="NotFound")


# Instances


@scenario("CreateProcessInstance, CancelProcessInstance")
def instances(play: Play) -> None:
    process, _, key = _order(play)
    first = play.start(process, total=12)
    by_key = play.call("create_process_instance", process_definition_key=key)
    by_version = play.call("create_process_instance", process, process_definition_version=1)
    at = play.call(
        "create_process_instance", process, start_instructions=[_model("StartInstruction", "task-2")]
    )
    for each in (
        first,
        by_key.process_instance_key,
        by_version.process_instance_key,
        at.process_instance_key,
    ):
        play.call("cancel_process_instance", each)
    play.refused("cancel_process_instance", first, kind="NotFound")


@scenario("CreateProcessInstance: refusals")
def instances_that_are_refused(play: Play) -> None:
    process, _, _ = _order(play)
    play.refused("create_process_instance", play.name("nothing"), kind="NotFound")
    play.refused("create_process_instance", process, process_definition_version=99, kind="NotFound")
    play.refused("create_process_instance", process_definition_key=NEVER, kind="NotFound")
    at = [_model("StartInstruction", "nowhere")]
    play.refused("create_process_instance", process, start_instructions=at, kind="InvalidArgument")
    play.refused("create_process_instance", kind="InvalidRequest")
    play.refused("cancel_process_instance", NEVER, kind="NotFound")
    play.refused("cancel_process_instance", 0, kind="Unavailable", documented="no-such-partition")


@scenario("CreateProcessInstanceWithResult")
def results_of_instances(play: Play) -> None:
    process = play.name("empty")
    play.deploy((f"{process}.bpmn", service_tasks(process)))
    result = play.call("create_process_instance_with_result", process, variables=_EVERY_KIND)
    play.check(result.variables == _EVERY_KIND, f"variables came back as {result.variables}")
    some = play.call(
        "create_process_instance_with_result", process, variables={"a": 1, "b": 2}, fetch_variables=["b"]
    )
    play.check(some.variables == {"b": 2}, f"asked for b, given {some.variables}")
    play.refused("create_process_instance_with_result", play.name("nothing"), kind="NotFound")


@scenario("ModifyProcessInstance")
def modifications(play: Play) -> None:
    process, types, _ = _order(play)
    instance = play.start(process)
    (job,) = play.jobs(types[0])
    play.call(
        "modify_process_instance",
        instance,
        activate_instructions=[
            _model("ActivateInstruction", "task-2", [_model("VariableInstruction", {"a": 1})])
        ],
        terminate_instructions=[
            _model("TerminateInstruction", element_instance_key=job.element_instance_key)
        ],
    )
    (moved,) = play.jobs(types[1])
    play.check(moved.variables.get("a") == 1, f"the variable is not there: {moved.variables}")
    play.refused(
        "modify_process_instance",
        instance,
        activate_instructions=[_model("ActivateInstruction", "nowhere")],
        kind="InvalidArgument",
    )
    play.refused("modify_process_instance", NEVER, kind="NotFound")


@scenario("MigrateProcessInstance", since=(8, 5))
def migrations(play: Play) -> None:
    process, types, _ = _order(play)
    target = play.name("target")
    made = play.deploy((f"{target}.bpmn", service_tasks(target, types[0], play.name("later"))))
    key = made.processes[0].process_definition_key
    instance = play.start(process)
    play.jobs(types[0])
    mapping = [_model("MappingInstruction", "task-1", "task-2")]
    play.refused("migrate_process_instance", instance, NEVER, mapping, kind="NotFound")
    nowhere = [_model("MappingInstruction", "task-1", "nowhere")]
    play.refused("migrate_process_instance", instance, key, nowhere, kind="InvalidArgument")
    play.call("migrate_process_instance", instance, key, mapping)
    play.refused("migrate_process_instance", NEVER, key, mapping, kind="NotFound")


@scenario("SetVariables")
def variables(play: Play) -> None:
    process, types, _ = _order(play)
    instance = play.start(process, a=1)
    play.call("set_variables", instance, {"a": 2, "b": _EVERY_KIND})
    (job,) = play.jobs(types[0])
    play.check(job.variables == {"a": 2, "b": _EVERY_KIND}, f"the job has {job.variables}")
    play.call("set_variables", job.element_instance_key, {"local": True}, local=True)
    play.refused("set_variables", NEVER, {"a": 1}, kind="NotFound")


# Jobs


@scenario("ActivateJobs, CompleteJob")
def jobs(play: Play) -> None:
    process, types, _ = _order(play)
    play.start(process, total=12, other=_EVERY_KIND)
    (job,) = play.jobs(types[0], fetch_variable=["total"])
    play.check(job.variables == {"total": 12}, f"asked for total, given {job.variables}")
    play.call("complete_job", job.job_key, {"paid": True})
    (shipped,) = play.jobs(types[1])
    play.check(shipped.variables.get("paid") is True, "what the first job said is not there")
    play.call("complete_job", shipped.job_key)
    play.refused("complete_job", job.job_key, kind="NotFound")
    none = play.call("activate_jobs", play.name("nothing"), max_jobs_to_activate=5, request_timeout=0)
    play.check(none == [], "jobs came of a type that nobody has")


@scenario("FailJob, UpdateJobRetries, UpdateJobTimeout")
def jobs_that_fail(play: Play) -> None:
    process, types, _ = _order(play)
    play.start(process)
    (job,) = play.jobs(types[0])
    play.call("update_job_timeout", job.job_key, 120)
    play.call("fail_job", job.job_key, retries=2, error_message="no", variables={"tried": 1})
    play.refused(
        "update_job_timeout", job.job_key, 60, kind="FailedPrecondition", documented="timeout-of-inactive-job"
    )
    (again,) = play.jobs(types[0])
    play.check(again.job_key == job.job_key and again.retries == 2, "another job came back")
    play.call("fail_job", job.job_key, retries=0, error_message="never")
    play.refused("complete_job", job.job_key, kind="FailedPrecondition")
    play.call("update_job_retries", job.job_key, 3)


@scenario("ResolveIncident", since=(8, 8))
def incidents(play: Play) -> None:
    process, types, _ = _order(play)
    instance = play.start(process)
    (job,) = play.jobs(types[0])
    play.call("fail_job", job.job_key, retries=0, error_message="never")
    incident = play.incident_of(instance)
    play.call("update_job_retries", job.job_key, 1)
    play.call("resolve_incident", incident)
    (again,) = play.jobs(types[0])
    play.check(again.job_key == job.job_key, "another job came back")
    play.refused("resolve_incident", incident, kind="NotFound")


@scenario("ThrowError")
def errors(play: Play) -> None:
    process, kind, handler = play.name("errs"), play.name("book"), play.name("sorry")
    play.deploy((f"{process}.bpmn", erring(process, kind, handler, "NOPE")))
    play.start(process)
    (job,) = play.jobs(kind)
    play.call("throw_error", job.job_key, "NOPE", error_message="no", variables={"why": "no"})
    (caught,) = play.jobs(handler)
    play.check("why" not in caught.variables, "what the error brings is for its boundary event alone")
    play.refused("throw_error", job.job_key, "NOPE", kind="NotFound")


@scenario("Refusals of unknown jobs and incidents")
def jobs_that_nobody_has(play: Play) -> None:
    play.refused("complete_job", NEVER, kind="NotFound")
    play.refused("fail_job", NEVER, retries=1, kind="NotFound")
    play.refused("throw_error", NEVER, "X", kind="NotFound")
    play.refused("update_job_retries", NEVER, 1, kind="NotFound", documented="update-intent")
    play.refused("update_job_timeout", NEVER, 60, kind="NotFound", documented="update-intent")
    play.refused("resolve_incident", NEVER, kind="NotFound")
    play.refused("complete_job", 0, kind="Unavailable", documented="no-such-partition")
    play.refused("complete_job", "no key", kind="InvalidRequest")
    play.refused("activate_jobs", "", max_jobs_to_activate=1, kind="InvalidRequest")
    play.refused("activate_jobs", "x", max_jobs_to_activate=0, kind="InvalidRequest")


@scenario("StreamActivatedJobs")
def streams(play: Play) -> None:
    process, types, _ = _order(play)
    found = play.stream(types[0], lambda: [play.start(process, number=each) for each in range(3)], 3)
    numbers = sorted(job.variables["number"] for job in found)
    play.check(numbers == [0, 1, 2], f"the stream brought {numbers}")
    for job in found:
        play.call("complete_job", job.job_key)


@scenario("UpdateJobPriority", since=(8, 10))
def priorities(play: Play) -> None:
    process, types, _ = _order(play)
    play.start(process)
    (job,) = play.jobs(types[0])
    play.call("update_job_priority", job.job_key, 7)
    play.refused("update_job_priority", NEVER, 7, kind="NotFound", documented="update-intent")


# Messages, signals, decisions


@scenario("PublishMessage")
def messages(play: Play) -> None:
    process, message, kind = play.name("waits"), play.name("message"), play.name("thank")
    play.deploy((f"{process}.bpmn", catching(process, message, kind)))
    play.start(process, key="k-1")
    play.call("publish_message", message, correlation_key="k-1", time_to_live=60, variables={"amount": 12.5})
    (job,) = play.jobs(kind)
    play.check(job.variables.get("amount") == 12.5, "the message's variables are not there")
    play.call("complete_job", job.job_key)
    once: dict[str, Any] = {"correlation_key": "k-2", "time_to_live": 60, "message_id": play.name("id")}
    play.call("publish_message", message, **once)
    play.refused("publish_message", message, **once, kind="AlreadyExists")


@scenario("BroadcastSignal")
def signals(play: Play) -> None:
    made = play.call("broadcast_signal", play.name("signal"), variables={"a": 1})
    play.check(int(made.signal_key) > 0, "the signal has no key")


@scenario("EvaluateDecision")
def decisions(play: Play) -> None:
    name = play.name("decision")
    play.deploy((f"{name}.dmn", decision(name, f"{name}-drd", "amount * 2")))
    made = play.call("evaluate_decision", name, variables={"amount": 21})
    play.check(made.output == "42", f"the decision gives {made.output}")
    failed = play.call("evaluate_decision", name, variables={})
    play.check(
        failed.output in ("null", "") or bool(failed.failure_message), "nothing times two is something"
    )
    play.refused("evaluate_decision", play.name("nothing"), kind="CamundaError")
    play.refused("evaluate_decision", kind="InvalidRequest")


@scenario("EvaluateConditional", since=(8, 9))
def conditions(play: Play) -> None:
    made = play.call("evaluate_conditional", {play.name("nobody").replace("-", "_"): 1})
    play.check(made.process_instances == (), "something was started")


def _model(name: str, *args: object, **given: object) -> object:
    from bridge import models

    return getattr(models, name)(*args, **given)
