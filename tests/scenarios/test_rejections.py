"""Every way to be refused, the same on every path: the code, the engine's own text, and that details come with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.gateways.base import GRPC, REAL_GATEWAY, RECORDS
from tests.gateways.models import model
from tests.scenarios.differences import CODE
from tests.scenarios.paths import NATIVE
from tests.scenarios.stage import TENANT, UNKNOWN_KEY, Case, pb, scenario

INVALID, NOT_FOUND, EXISTS, STATE, UNAVAILABLE, EXHAUSTED, UNKNOWN = (
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "FAILED_PRECONDITION",
    "UNAVAILABLE",
    "RESOURCE_EXHAUSTED",
    "UNKNOWN",
)
Modify = pb.ModifyProcessInstanceRequest
Migrate = pb.MigrateProcessInstanceRequest
Prepare = Callable[[Case], Mapping[str, Any]]


@dataclass(frozen=True)
class Rejection:
    """A call that is refused.

    ``fields``   the request's fields, or what makes them (and whatever they need)
    ``code``     the gRPC code, or by the version since which it is so
    ``text``     a part of the text that every version has
    ``differs``  the published difference in how the wires say it
    ``details``  whether the native status comes with its details
    """

    name: str
    rpc: str
    fields: Mapping[str, Any] | Prepare
    code: str | Mapping[str, str]
    text: str = ""
    differs: str = ""
    details: bool = True

    def code_on(self, version: str) -> str:
        """The code that a gateway of this version gives."""
        if isinstance(self.code, str):
            return self.code
        numbers = version.split(".")[:2]
        return [code for since, code in self.code.items() if numbers >= since.split(".")][-1]

    def check(self, case: Case) -> None:
        """Lets it be refused."""
        fields = self.fields(case) if callable(self.fields) else self.fields
        refusal = case.refused(self.rpc, differs=self.differs, **fields)
        native = case.path.wire == GRPC and case.path.reference == NATIVE
        if native or CODE not in case.allowed(self.differs):
            assert refusal.code == self.code_on(case.gateway.version)
        if native:
            assert self.text in refusal.text
            assert not self.details or refusal.status is None or refusal.status.message == refusal.text


# What comes before


def ordered(case: Case) -> tuple[int, Any]:
    """An instance of the order process and its first job, activated."""
    process, charge, _ = case.order()
    instance = case.start(process)
    return instance, case.job(charge)


def of_a_completed_job(case: Case) -> Mapping[str, Any]:
    _, job = ordered(case)
    case.complete(job)
    return {"jobKey": job.key}


def of_a_job_without_retries(case: Case) -> Mapping[str, Any]:
    _, job = ordered(case)
    case.call("FailJob", jobKey=job.key, retries=0)
    return {"jobKey": job.key}


def of_an_active_job(**fields: Any) -> Prepare:
    def make(case: Case) -> Mapping[str, Any]:
        return {"jobKey": ordered(case)[1].key, **fields}

    return make


def of_an_order(**fields: Any) -> Prepare:
    """For CreateProcessInstance: a process that can be started."""

    def make(case: Case) -> Mapping[str, Any]:
        return {"bpmnProcessId": case.order()[0], "version": -1, **fields}

    return make


def of_an_instance(**fields: Any) -> Prepare:
    """For what changes a running instance."""

    def make(case: Case) -> Mapping[str, Any]:
        return {"processInstanceKey": ordered(case)[0], **fields}

    return make


def without_a_none_start(case: Case) -> Mapping[str, Any]:
    process = case.name("greeting")
    case.deploy(case.resource("message-start", process=process, message=case.name("m"), job=case.name("j")))
    return {"bpmnProcessId": process, "version": -1}


def a_definition_in_use(case: Case) -> Mapping[str, Any]:
    process, charge = case.name("order"), case.name("charge")
    answer = case.deploy(case.resource("order", process=process, charge=charge, ship=case.name("ship")))
    case.start(process)
    return {"resourceKey": answer.deployments[0].process.processDefinitionKey}


def a_migration(*mappings: tuple[str, str], known: bool = True) -> Prepare:
    def make(case: Case) -> Mapping[str, Any]:
        instance, _ = ordered(case)
        target = UNKNOWN_KEY
        if known:
            names = {name: case.name(name) for name in ("pack", "deliver")}
            answer = case.deploy(
                case.resource("order-v2", process=case.name("target"), charge=case.name("other"), **names)
            )
            target = answer.deployments[0].process.processDefinitionKey
        instructions = [
            Migrate.MappingInstruction(sourceElementId=source, targetElementId=aim)
            for source, aim in mappings
        ]
        plan = Migrate.MigrationPlan(targetProcessDefinitionKey=target, mappingInstructions=instructions)
        return {"processInstanceKey": instance, "migrationPlan": plan}

    return make


def a_modification(activate: Mapping[str, Any] | None = None, terminate: int | None = None) -> Prepare:
    def make(case: Case) -> Mapping[str, Any]:
        instance, _ = ordered(case)
        return {
            "processInstanceKey": instance,
            "activateInstructions": [] if activate is None else [Modify.ActivateInstruction(**activate)],
            "terminateInstructions": []
            if terminate is None
            else [Modify.TerminateInstruction(elementInstanceKey=terminate)],
        }

    return make


def a_message_twice(case: Case) -> Mapping[str, Any]:
    message = {
        "name": case.name("m"),
        "correlationKey": "c",
        "timeToLive": 3_600_000,
        "messageId": case.name("id"),
    }
    case.call("PublishMessage", **message)
    return message


def files(*named: tuple[str, bytes]) -> Mapping[str, Any]:
    return {"resources": [pb.Resource(name=name, content=content) for name, content in named]}


def a_process_in_two_files(case: Case) -> Mapping[str, Any]:
    content = model("empty", process=case.name("twin"))
    return files(("a.bpmn", content), ("b.bpmn", content))


def without_a_job_type(case: Case) -> Mapping[str, Any]:
    content = model("user-task-job", process=case.name("p")).replace(b"userTask", b"serviceTask")
    return files(("no-type.bpmn", content))


def with_a_bad_expression(case: Case) -> Mapping[str, Any]:
    content = model("incident", process=case.name("p")).replace(b"=kind", b"=1 +")
    return files(("bad.bpmn", content))


def start_at(*elements: str) -> Mapping[str, Any]:
    return {"startInstructions": [{"elementId": each} for each in elements]}


# The engine's

_JOBS = {
    "CompleteJob": {},
    "FailJob": {"retries": 1},
    "ThrowError": {"errorCode": "X"},
    "UpdateJobRetries": {"retries": 1},
    "UpdateJobTimeout": {"timeout": 1000},
}
_INSTANCES = {
    "CancelProcessInstance": {},
    "ModifyProcessInstance": {},
    "MigrateProcessInstance": {
        "migrationPlan": Migrate.MigrationPlan(
            targetProcessDefinitionKey=UNKNOWN_KEY,
            mappingInstructions=[{"sourceElementId": "a", "targetElementId": "b"}],
        )
    },
}
_INTENT = "update-intent"

UNKNOWN_ENTITIES = [
    *(
        Rejection(
            f"{rpc} of an unknown job",
            rpc,
            {"jobKey": UNKNOWN_KEY, **fields},
            NOT_FOUND,
            "no such job was found",
            _INTENT if rpc.startswith("Update") else "",
        )
        for rpc, fields in _JOBS.items()
    ),
    *(
        Rejection(
            f"{rpc} of an unknown instance",
            rpc,
            {"processInstanceKey": UNKNOWN_KEY, **fields},
            NOT_FOUND,
            "found",
        )
        for rpc, fields in _INSTANCES.items()
    ),
    Rejection(
        "unknown incident",
        "ResolveIncident",
        {"incidentKey": UNKNOWN_KEY},
        NOT_FOUND,
        "no such incident was found",
    ),
    Rejection(
        "unknown element instance",
        "SetVariables",
        {"elementInstanceKey": UNKNOWN_KEY, "variables": '{"a":1}'},
        NOT_FOUND,
        "no such element was found",
    ),
    Rejection(
        "unknown process id", "CreateProcessInstance", {"bpmnProcessId": "nothing", "version": -1}, NOT_FOUND
    ),
    Rejection("unknown version", "CreateProcessInstance", of_an_order(version=99), NOT_FOUND, "version '99'"),
    Rejection("version 0", "CreateProcessInstance", of_an_order(version=0), NOT_FOUND, "version '0'"),
    Rejection(
        "unknown process key", "CreateProcessInstance", {"processDefinitionKey": UNKNOWN_KEY}, NOT_FOUND
    ),
    Rejection("neither id nor key", "CreateProcessInstance", {}, NOT_FOUND, "none found"),
    Rejection(
        "negative process key", "CreateProcessInstance", {"processDefinitionKey": -1}, INVALID, "none given"
    ),
    Rejection(
        "unknown process awaited",
        "CreateProcessInstanceWithResult",
        {"request": {"bpmnProcessId": "nothing", "version": -1}},
        NOT_FOUND,
    ),
    Rejection("nothing awaited", "CreateProcessInstanceWithResult", {}, NOT_FOUND),
    Rejection(
        "unknown decision id",
        "EvaluateDecision",
        {"decisionId": "nothing"},
        {"8.5": INVALID, "8.8": NOT_FOUND},
        "nothing",
    ),
    Rejection(
        "unknown decision key",
        "EvaluateDecision",
        {"decisionKey": UNKNOWN_KEY},
        {"8.5": INVALID, "8.8": NOT_FOUND},
    ),
]

STATES = [
    *(
        Rejection(
            f"{rpc} of a completed job",
            rpc,
            lambda case, fields=fields: {**of_a_completed_job(case), **fields},
            NOT_FOUND,
            "no such job was found",
            _INTENT if rpc.startswith("Update") else "",
        )
        for rpc, fields in _JOBS.items()
    ),
    *(
        Rejection(
            f"{rpc} of a job without retries",
            rpc,
            lambda case, fields=_JOBS[rpc]: {**of_a_job_without_retries(case), **fields},
            STATE,
            "is in state 'FAILED'" if rpc != "ThrowError" else "",
        )
        for rpc in ("CompleteJob", "FailJob", "ThrowError")
    ),
    *(
        Rejection(
            f"{retries} retries",
            "UpdateJobRetries",
            of_an_active_job(retries=retries),
            INVALID,
            f"'{retries}'",
            _INTENT,
        )
        for retries in (0, -1)
    ),
    Rejection("a message id twice", "PublishMessage", a_message_twice, EXISTS, "already published"),
    Rejection(
        "no none start event", "CreateProcessInstance", without_a_none_start, STATE, "none start event"
    ),
    Rejection(
        "an unknown start element", "CreateProcessInstance", of_an_order(**start_at("nowhere")), INVALID
    ),
    Rejection("an empty start element", "CreateProcessInstance", of_an_order(**start_at("")), INVALID),
    Rejection(
        "an unknown target of a migration",
        "MigrateProcessInstance",
        a_migration(("charge", "charge"), known=False),
        NOT_FOUND,
    ),
    Rejection(
        "an unknown source element",
        "MigrateProcessInstance",
        a_migration(("nowhere", "charge")),
        INVALID,
        "nowhere",
    ),
    Rejection(
        "an unknown target element",
        "MigrateProcessInstance",
        a_migration(("charge", "nowhere")),
        INVALID,
        "nowhere",
    ),
    Rejection(
        "an active element that is not mapped",
        "MigrateProcessInstance",
        a_migration(("ship", "deliver")),
        STATE,
    ),
    Rejection(
        "an element mapped to one of another type",
        "MigrateProcessInstance",
        a_migration(("charge", "start")),
        STATE,
    ),
    Rejection(
        "activating an unknown element",
        "ModifyProcessInstance",
        a_modification({"elementId": "nowhere"}),
        INVALID,
        "nowhere",
    ),
    Rejection("activating no element", "ModifyProcessInstance", a_modification({"elementId": ""}), INVALID),
    Rejection(
        "activating inside an unknown ancestor",
        "ModifyProcessInstance",
        a_modification({"elementId": "ship", "ancestorElementInstanceKey": UNKNOWN_KEY}),
        INVALID,
        "ancestor",
    ),
    Rejection(
        "terminating what is not there",
        "ModifyProcessInstance",
        a_modification(terminate=UNKNOWN_KEY),
        INVALID,
        "terminate",
    ),
    Rejection("terminating nothing", "ModifyProcessInstance", a_modification(terminate=0), INVALID),
    Rejection(
        "variables for an unknown scope",
        "ModifyProcessInstance",
        a_modification(
            {"elementId": "ship", "variableInstructions": [{"variables": '{"a":1}', "scopeId": "nowhere"}]}
        ),
        INVALID,
        "nowhere",
    ),
    Rejection("not XML", "DeployResource", files(("broken.bpmn", b"<bpmn")), INVALID, "'broken.bpmn'"),
    Rejection(
        "an unknown kind of file",
        "DeployResource",
        files(("notes.txt2", b"hello")),
        INVALID,
        "unknown resource type",
    ),
    Rejection("an empty file", "DeployResource", files(("empty.bpmn", b"")), INVALID, "'empty.bpmn'"),
    Rejection(
        "a file without a name", "DeployResource", files(("", b"<a/>")), INVALID, "", "refused-before-sending"
    ),
    Rejection("a task without a job type", "DeployResource", without_a_job_type, INVALID, "no-type.bpmn"),
    Rejection("a bad expression", "DeployResource", with_a_bad_expression, INVALID, "bad.bpmn"),
    Rejection(
        "one process in two files", "DeployResource", a_process_in_two_files, INVALID, "uplicated process id"
    ),
]

# The gateway's

_ZERO = {
    "CompleteJob": "jobKey",
    "CancelProcessInstance": "processInstanceKey",
    "ResolveIncident": "incidentKey",
    "DeleteResource": "resourceKey",
    "SetVariables": "elementInstanceKey",
}

GATEWAYS_OWN = [
    *(
        Rejection(
            f"{rpc} of key {key}",
            rpc,
            {name: key, **({"variables": '{"a":1}'} if rpc == "SetVariables" else {})},
            UNAVAILABLE,
            "either it does not exist, or the gateway is not yet aware of it",
            "no-such-partition",
        )
        for rpc, name in _ZERO.items()
        for key in (0, -1, 1, 9 * 2**51 + 5)
    ),
    Rejection("unknown resource", "DeleteResource", {"resourceKey": UNKNOWN_KEY}, NOT_FOUND),
    Rejection("a definition in use", "DeleteResource", a_definition_in_use, STATE, "running instances"),
    *(
        Rejection(f"{rpc} for a tenant", rpc, fields, INVALID, "multi-tenancy is disabled", "tenant-text")
        for rpc, fields in {
            "CreateProcessInstance": {"bpmnProcessId": "p", "version": -1, "tenantId": "red"},
            "DeployResource": {**files(("a.bpmn", b"<a/>")), "tenantId": "red"},
            "PublishMessage": {"name": "m", "correlationKey": "c", "tenantId": "red"},
            "BroadcastSignal": {"signalName": "s", "tenantId": "red"},
            "EvaluateDecision": {"decisionId": "d", "tenantId": "red"},
        }.items()
    ),
    *(
        Rejection(
            f"{rpc} with {name}", rpc, {**fields, "variables": text}, INVALID, part, "refused-before-sending"
        )
        for rpc, fields in {
            "CreateProcessInstance": {"bpmnProcessId": "p", "version": -1},
            "CompleteJob": {"jobKey": UNKNOWN_KEY},
            "SetVariables": {"elementInstanceKey": UNKNOWN_KEY},
        }.items()
        for name, text, part in (
            ("an array as variables", "[1]", "root level object, but was 'ARRAY'"),
            ("text as variables", '"a"', "root level object, but was 'STRING'"),
            ("variables that are no JSON", "{a", "Invalid JSON"),
            ("NaN among variables", '{"a":NaN}', "Invalid JSON"),
        )
    ),
    Rejection(
        "an integer beyond 64 bits",
        "CreateProcessInstance",
        {"bpmnProcessId": "p", "version": -1, "variables": json.dumps({"a": 2**64})},
        INVALID,
        differs="refused-before-sending",
    ),
    Rejection(
        "no job type",
        "ActivateJobs",
        {"timeout": 1000, "maxJobsToActivate": 1},
        INVALID,
        "type",
        "validation-text",
    ),
    *(
        Rejection(
            f"a job timeout of {timeout}",
            "ActivateJobs",
            {"type": "t", "timeout": timeout, "maxJobsToActivate": 1},
            INVALID,
            "timeout",
            "validation-text",
        )
        for timeout in (0, -1)
    ),
    Rejection(
        "no type of a stream",
        "StreamActivatedJobs",
        {"timeout": 1000, "tenantIds": [TENANT]},
        INVALID,
        "type",
        "stream-validation",
        details=False,
    ),
    Rejection(
        "no timeout of a stream",
        "StreamActivatedJobs",
        {"type": "t", "tenantIds": [TENANT]},
        INVALID,
        "timeout",
        "stream-validation",
        details=False,
    ),
    Rejection("neither decision id nor key", "EvaluateDecision", {}, {"8.5": INVALID, "8.8": NOT_FOUND}),
    Rejection("a negative decision key", "EvaluateDecision", {"decisionKey": -1}, INVALID),
    Rejection(
        "a migration without a mapping", "MigrateProcessInstance", a_migration(), STATE, "", "empty-mapping"
    ),
    Rejection(
        "a migration without ids",
        "MigrateProcessInstance",
        a_migration(("", "")),
        INVALID,
        differs="validation-text",
    ),
    Rejection(
        "nothing to deploy", "DeployResource", {}, INVALID, "at least one resource", "refused-before-sending"
    ),
    Rejection(
        "the timeout of a job that is not activated",
        "UpdateJobTimeout",
        lambda case: {"jobKey": given_back(case).key, "timeout": 1000},
        STATE,
        "it is not active",
        "timeout-of-inactive-job",
    ),
]

TOO_LARGE = [
    Rejection(
        "variables that are too large for a record",
        "CreateProcessInstance",
        of_an_order(variables=json.dumps({"a": "x" * (3 * 2**20)})),
        UNKNOWN,
        "EXCEEDED_BATCH_RECORD_SIZE",
    ),
    Rejection(
        "a message of more than 4 MiB",
        "CreateProcessInstance",
        {"bpmnProcessId": "p", "version": -1, "variables": json.dumps({"a": "x" * (5 * 2**20)})},
        EXHAUSTED,
        "exceeds maximum size",
        "too-large",
        details=False,
    ),
    Rejection(
        "files of more than 4 MiB",
        "DeployResource",
        files(("large.bpmn", b" " * (5 * 2**20))),
        EXHAUSTED,
        "exceeds maximum size",
        "too-large",
        details=False,
    ),
]


def given_back(case: Case) -> Any:
    """A job that failed with retries left: there, and not activated."""
    _, job = ordered(case)
    case.call("FailJob", jobKey=job.key, retries=2)
    return job


@scenario(values=UNKNOWN_ENTITIES)
def test_what_is_not_there_is_refused(case: Case, rejection: Rejection) -> None:
    rejection.check(case)


@scenario(values=STATES)
def test_what_cannot_be_now_is_refused(case: Case, rejection: Rejection) -> None:
    rejection.check(case)


@scenario(features={REAL_GATEWAY}, values=GATEWAYS_OWN)
def test_what_the_gateway_looks_at_is_refused(case: Case, rejection: Rejection) -> None:
    rejection.check(case)


@scenario(features={REAL_GATEWAY}, values=TOO_LARGE, recorded=False)
def test_what_is_too_large_is_refused(case: Case, rejection: Rejection) -> None:
    rejection.check(case)


@scenario(features={RECORDS})
def test_an_incident_without_retries_cannot_be_resolved(case: Case) -> None:
    instance, job = ordered(case)
    case.call("FailJob", jobKey=job.key, retries=0)
    refusal = case.refused("ResolveIncident", incidentKey=case.gateway.incident_of(instance))
    expected = STATE if case.gateway.version >= "8.8" else NOT_FOUND
    assert refusal.code == expected
    assert "no retries left" in refusal.text
