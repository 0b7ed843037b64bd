"""Both sides of every published difference, pinned: on the embedded gateway, on a cluster of yours, or on what was recorded.

All of it was first pinned on a real 8.6.0, in November 2026.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection
from typing import Any

import grpc
import pytest
from google.protobuf import json_format

from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.gateways.base import FLOW_CONTROL, GRPC, PAUSE, REST, Gateway
from tests.gateways.models import model
from tests.gateways.recorded import PAIRS, STATES, read
from tests.gateways.registry import on_gateways
from tests.scenarios.callers import request_of
from tests.scenarios.differences import DIFFERENCES, DOCUMENT, document
from tests.scenarios.paths import NATIVE, NATIVE_BEHIND, PATHS, Path
from tests.scenarios.stage import TENANT, UNKNOWN_KEY, Case, Stage, until_refused
from tests.scenarios.transcript import CUT, Refusal

_PINNED: dict[str, str] = {}
Pin = Callable[[Case, Case], None]
#: What pins each difference on a gateway that is running.
PINS: dict[str, Pin] = {}


def pins(name: str, *, features: Collection[str] = ()) -> Callable[[Pin], Callable[..., None]]:
    """Makes a function of a native and a REST case the test of that difference.

    What needs a state that the embedded gateway has not (``features``) is pinned on the recording of it.
    """
    assert name in DIFFERENCES, name

    def decorate(pin: Pin) -> Callable[..., None]:
        if not features:
            PINS[name] = pin

        def test(stage: Stage, path: Path) -> None:
            native, rest = stage.case(PATHS[0]), stage.case(path)
            try:
                pin(native, rest)
            finally:
                native.close()
                rest.close()

        assert name not in _PINNED
        _PINNED[name] = test.__name__ = pin.__name__
        test.__doc__ = pin.__doc__
        rest_paths = [
            pytest.param(path, id=path.name)
            for path in PATHS
            if path.wire == REST and path.reference == NATIVE and path.name != NATIVE_BEHIND
        ]
        marked = pytest.mark.parametrize("path", rest_paths)(test)
        names = ("recorded",) if features else ("embedded", "cluster")
        return on_gateways(*names, wires={GRPC, REST}, features=features, before="8.7")(marked)

    return decorate


def kind(case: Case, local: str) -> str:
    """The class of a refusal before sending, ``local``; where it comes over a wire, that of its status."""
    return (
        {"InvalidRequest": "InvalidArgument", "UnsupportedField": "Unimplemented"}[local]
        if case.path.far
        else local
    )


def both_refuse(native: Case, rest: Case, rpc: str, **fields: Any) -> tuple[Refusal, Refusal]:
    """The same call, refused on both."""
    return native.refused(rpc, **fields), rest.refused(rpc, **fields)


def empty_process(case: Case) -> str:
    """A deployed process that ends at once."""
    process = case.name("empty")
    case.deploy(case.resource("empty", process=process))
    return process


# Answers


@pins("set-variables-key")
def test_set_variables_answers_a_key_natively_alone(native: Case, rest: Case) -> None:
    for case, has_key in ((native, True), (rest, False)):
        instance = case.start(case.order()[0])
        answer = case.call("SetVariables", elementInstanceKey=instance, variables='{"a":1}')
        assert bool(answer.key) is has_key


@pins("decision-type")
def test_the_type_of_a_decision_comes_natively_alone(native: Case, rest: Case) -> None:
    for case, expected in ((native, "LITERAL_EXPRESSION"), (rest, "")):
        decision = case.name("discount")
        case.deploy(case.resource("discount", requirements=case.name("requirements"), decision=decision))
        answer = case.call("EvaluateDecision", decisionId=decision, variables='{"amount":1}')
        assert [each.decisionType for each in answer.evaluatedDecisions] == [expected]


@pins("listener-event-type")
def test_no_event_is_unspecified_over_rest(native: Case, rest: Case) -> None:
    kinds = pb.ActivatedJob.ListenerEventType
    for case, expected in ((native, kinds.ASSIGNING), (rest, kinds.UNSPECIFIED)):
        process, charge, _ = case.order()
        case.start(process)
        assert case.job(charge).listenerEventType == expected


@pins("json-spelling")
def test_json_is_spelt_differently_and_means_the_same(native: Case, rest: Case) -> None:
    variables = {"power": 1e30, "text": "ä😀"}
    texts = []
    for case in (native, rest):
        request = pb.CreateProcessInstanceRequest(
            bpmnProcessId=empty_process(case), version=-1, variables=json.dumps(variables)
        )
        texts.append(case.call("CreateProcessInstanceWithResult", request=request).variables)
    assert [json.loads(text) for text in texts] == [variables, variables]
    (recorded,) = (
        call["grpc"]["response"]["jobs"][0]["variables"]
        for call in read(PAIRS, "test_variables_of_every_kind_come_back")
        if call["rpc"] == "ActivateJobs"
    )
    assert "1.0E30" in recorded
    assert "\\uD83D\\uDE00" in recorded
    assert "1e+30" in texts[1]
    assert "ä😀" in texts[1]


# Requests that gRPC takes


@pins("blank-job-type")
def test_a_blank_job_type_finds_nothing_or_is_refused(native: Case, rest: Case) -> None:
    assert native.poll(type="  ") == []
    refusal = rest.refused("ActivateJobs", type="  ", timeout=1000, maxJobsToActivate=1, requestTimeout=-1)
    assert (refusal.code, refusal.text) == ("INVALID_ARGUMENT", "No type provided.")


@pins("no-jobs-asked-for")
def test_to_ask_for_no_jobs_finds_nothing_or_is_refused(native: Case, rest: Case) -> None:
    for count in (0, -1):
        assert native.poll(type="t", maxJobsToActivate=count) == []
        refusal = rest.refused(
            "ActivateJobs", type="t", timeout=1000, maxJobsToActivate=count, requestTimeout=-1
        )
        assert refusal.code == "INVALID_ARGUMENT"
        assert "maxJobsToActivate" in refusal.text


@pins("empty-error-code")
def test_an_error_without_a_code_is_thrown_or_refused(native: Case, rest: Case) -> None:
    for case in (native, rest):
        process, charge, _ = case.order()
        case.start(process)
        job = case.job(charge)
        if case is native:
            case.call("ThrowError", jobKey=job.key)
        else:
            refusal = case.refused("ThrowError", jobKey=job.key)
            assert (refusal.code, refusal.text) == ("INVALID_ARGUMENT", "No errorCode provided.")


@pins("empty-message-name")
def test_a_message_without_a_name_is_published_or_refused(native: Case, rest: Case) -> None:
    assert native.call("PublishMessage", correlationKey="c").key
    refusal = rest.refused("PublishMessage", correlationKey="c")
    assert (refusal.code, refusal.text) == ("INVALID_ARGUMENT", "No name provided.")


@pins("set-no-variables")
def test_to_set_no_variables_succeeds_or_is_refused(native: Case, rest: Case) -> None:
    instance = native.start(native.order()[0])
    for text in ("", "{}"):
        native.call("SetVariables", elementInstanceKey=instance, variables=text)
        refusal = rest.refused("SetVariables", elementInstanceKey=instance, variables=text)
        assert (refusal.code, refusal.text) == ("INVALID_ARGUMENT", "No variables provided.")


@pins("operation-reference-range")
def test_an_operation_reference_beyond_its_range_is_taken_or_refused(native: Case, rest: Case) -> None:
    process = empty_process(native)
    for reference in (0, 2**63):
        native.start(process, operationReference=reference)
        refusal = rest.refused("CreateProcessInstance", bpmnProcessId=process, operationReference=reference)
        assert (refusal.code, refusal.kind) == ("INVALID_ARGUMENT", kind(rest, "InvalidRequest"))
        assert "operationReference" in refusal.text


@pins("operation-reference-of-jobs")
def test_an_operation_reference_of_a_job_update_is_taken_or_refused(native: Case, rest: Case) -> None:
    process, charge, _ = native.order()
    native.start(process)
    job = native.job(charge)
    native.call("UpdateJobRetries", jobKey=job.key, retries=2, operationReference=1)
    native.call("UpdateJobTimeout", jobKey=job.key, timeout=9000, operationReference=1)
    for rpc, fields in (
        ("UpdateJobRetries", {"jobKey": job.key, "retries": 2}),
        ("UpdateJobTimeout", {"jobKey": job.key, "timeout": 9000}),
        ("ResolveIncident", {"incidentKey": UNKNOWN_KEY}),
    ):
        refusal = rest.refused(rpc, operationReference=1, **fields)
        assert (refusal.code, refusal.kind) == ("UNIMPLEMENTED", kind(rest, "UnsupportedField"))
        assert "operationReference needs Camunda 8.8" in refusal.text
    assert (
        native.refused("ResolveIncident", incidentKey=UNKNOWN_KEY, operationReference=1).code == "NOT_FOUND"
    )


@pins("newer-fields")
def test_a_field_of_a_newer_cluster_is_dropped_or_refused(native: Case, rest: Case) -> None:
    process = empty_process(native)
    answer = native.call("CreateProcessInstance", bpmnProcessId=process, version=-1, tags=["urgent"])
    assert not answer.tags
    refusal = rest.refused("CreateProcessInstance", bpmnProcessId=process, version=-1, tags=["urgent"])
    assert (refusal.code, refusal.kind) == ("UNIMPLEMENTED", kind(rest, "UnsupportedField"))
    assert "tags needs Camunda 8.8" in refusal.text


@pins("text-after-variables")
def test_text_after_the_variables_is_dropped_or_refused(native: Case, rest: Case) -> None:
    process = empty_process(native)
    fields = {"bpmnProcessId": process, "version": -1, "variables": '{"a":1} x'}
    native.call("CreateProcessInstance", **fields)
    refusal = rest.refused("CreateProcessInstance", **fields)
    assert (refusal.code, refusal.kind) == ("INVALID_ARGUMENT", kind(rest, "InvalidRequest"))


@pins("numbers-beyond-doubles")
def test_a_number_that_no_double_holds_is_infinity_or_refused(native: Case, rest: Case) -> None:
    process = empty_process(native)
    fields = {"bpmnProcessId": process, "version": -1, "variables": '{"a":1e400}'}
    native.call("CreateProcessInstance", **fields)
    refusal = rest.refused("CreateProcessInstance", **fields)
    assert (refusal.code, refusal.kind, refusal.details) == (
        "INVALID_ARGUMENT",
        kind(rest, "InvalidRequest"),
        False,
    )
    assert refusal.text.startswith("variables.a: inf is not a JSON number")


@pins("half-a-surrogate-pair")
def test_half_a_surrogate_pair_is_sent_or_refused(native: Case, rest: Case) -> None:
    fields = {"jobKey": UNKNOWN_KEY, "variables": r'{"a":"\ud800"}'}
    assert native.refused("CompleteJob", **fields).kind != "InvalidRequest"
    refusal = rest.refused("CompleteJob", **fields)
    assert (refusal.code, refusal.kind, refusal.details) == (
        "INVALID_ARGUMENT",
        kind(rest, "InvalidRequest"),
        False,
    )
    assert "half" in refusal.text or "surrogate" in refusal.text


@pins("duplicate-file-names")
def test_files_of_one_name_are_all_deployed_or_refused(native: Case, rest: Case) -> None:
    def resources(case: Case) -> list[pb.Resource]:
        names = [case.name("one"), case.name("two")]
        return [pb.Resource(name="same.bpmn", content=model("empty", process=name)) for name in names]

    assert len(native.call("DeployResource", resources=resources(native)).deployments) == 2
    refusal = rest.refused("DeployResource", resources=resources(rest))
    assert (refusal.code, refusal.kind) == ("INVALID_ARGUMENT", kind(rest, "InvalidRequest"))
    assert "'same.bpmn' is used twice" in refusal.text


# Refusals


@pins("timeout-of-inactive-job")
def test_the_timeout_of_a_job_nobody_has_is_refused_differently(native: Case, rest: Case) -> None:
    process, charge, _ = native.order()
    native.start(process)
    job = native.job(charge)
    native.call("FailJob", jobKey=job.key, retries=1)
    one, other = both_refuse(native, rest, "UpdateJobTimeout", jobKey=job.key, timeout=1000)
    assert (one.code, other.code) == ("FAILED_PRECONDITION", "INVALID_ARGUMENT")
    assert "'UPDATE_TIMEOUT' rejected with code 'INVALID_STATE'" in one.text
    assert "'UPDATE' rejected with code 'INVALID_ARGUMENT'" in other.text
    assert "it is not active" in other.text


@pins("empty-mapping")
def test_a_migration_without_a_mapping_is_refused_differently(native: Case, rest: Case) -> None:
    process, charge, _ = native.order()
    instance = native.start(process)
    key = native.job(charge).processDefinitionKey
    plan = {"targetProcessDefinitionKey": key}
    one, other = both_refuse(
        native, rest, "MigrateProcessInstance", processInstanceKey=instance, migrationPlan=plan
    )
    assert (one.code, other.code) == ("FAILED_PRECONDITION", "INVALID_ARGUMENT")
    assert "no mapping instruction defined" in one.text
    assert other.text == "No mappingInstructions provided."


@pins("too-large")
def test_a_request_that_is_too_large_is_refused_differently(native: Case, rest: Case) -> None:
    text = json.dumps({"a": "x" * (5 * 2**20)})
    one, other = both_refuse(native, rest, "CreateProcessInstance", bpmnProcessId="p", variables=text)
    assert (one.code, one.details) == ("RESOURCE_EXHAUSTED", False)
    if rest.path.far:  # it measures what arrives, as the gateway does
        assert (other.code, other.details, other.text) == (one.code, one.details, one.text)
        return
    assert (other.code, other.details) == ("INVALID_ARGUMENT", True)
    resources = [pb.Resource(name="large.bpmn", content=b" " * (5 * 2**20))]
    one, other = both_refuse(native, rest, "DeployResource", resources=resources)
    assert (one.code, other.code) == ("RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED")
    assert "HTTP 413" in other.text


@pins("long-refusals")
def test_a_long_refusal_is_lost_on_a_plain_channel(native: Case, rest: Case) -> None:
    tasks = "".join(f'<serviceTask id="A_task_without_a_type_{number}"/>' for number in range(400))
    process = f'<process id="p" isExecutable="true"><startEvent id="s"/>{tasks}</process>'
    namespace = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    content = f'<definitions xmlns="{namespace}" targetNamespace="t">{process}</definitions>'.encode()
    resources = [pb.Resource(name="long.bpmn", content=content)]
    one, other = both_refuse(native, rest, "DeployResource", resources=resources)
    assert one.code == other.code == "INVALID_ARGUMENT"
    assert "A_task_without_a_type_399" in one.text
    assert "A_task_without_a_type_399" in other.text or (rest.path.far and CUT.fullmatch(other.text))
    with grpc.insecure_channel(native.gateway.grpc_address) as channel, pytest.raises(grpc.RpcError) as lost:
        gateway_pb2_grpc.GatewayStub(channel).DeployResource(
            pb.DeployResourceRequest(resources=resources), timeout=30
        )
    assert lost.value.code() is not grpc.StatusCode.INVALID_ARGUMENT


@pins("update-intent")
def test_a_refused_job_update_names_another_command(native: Case, rest: Case) -> None:
    one, other = both_refuse(native, rest, "UpdateJobRetries", jobKey=UNKNOWN_KEY, retries=1)
    assert one.text.replace("'UPDATE_RETRIES'", "'UPDATE'") == other.text
    one, other = both_refuse(native, rest, "UpdateJobTimeout", jobKey=UNKNOWN_KEY, timeout=1)
    assert one.text.replace("'UPDATE_TIMEOUT'", "'UPDATE'") == other.text


@pins("no-such-partition")
def test_a_key_of_no_partition_is_refused_in_other_words(native: Case, rest: Case) -> None:
    one, other = both_refuse(native, rest, "CompleteJob", jobKey=0)
    assert (one.code, other.code) == ("UNAVAILABLE", "UNAVAILABLE")
    assert one.text.startswith("Expected to execute command on partition 0, but either it does not exist")
    assert other.text == "Expected to handle REST API request, but request could not be delivered"


@pins("tenant-text")
def test_a_refused_tenant_is_named_with_another_request(native: Case, rest: Case) -> None:
    one, other = both_refuse(native, rest, "PublishMessage", name="m", correlationKey="c", tenantId="red")
    assert (one.code, other.code) == ("INVALID_ARGUMENT", "INVALID_ARGUMENT")
    assert one.text.replace("gRPC request PublishMessage", "request Publish Message") == other.text


@pins("validation-text")
def test_what_both_gateways_validate_is_said_in_other_words(native: Case, rest: Case) -> None:
    one, other = both_refuse(native, rest, "ActivateJobs", timeout=1000, maxJobsToActivate=1)
    assert (one.code, other.code) == ("INVALID_ARGUMENT", "INVALID_ARGUMENT")
    assert one.text.startswith("Command 'ACTIVATE' rejected with code 'INVALID_ARGUMENT'")
    assert other.text == "No type provided."


@pins("refused-before-sending")
def test_what_rest_cannot_say_is_refused_before_sending(native: Case, rest: Case) -> None:
    one, other = both_refuse(native, rest, "CompleteJob", jobKey=UNKNOWN_KEY, variables="[1]")
    assert (one.code, one.kind, one.details) == ("INVALID_ARGUMENT", "InvalidArgument", True)
    assert (other.code, other.kind, other.details) == (
        "INVALID_ARGUMENT",
        kind(rest, "InvalidRequest"),
        False,
    )
    reason = "Expected document to be a root level object, but was 'ARRAY'"
    assert (one.text, other.text) == (f"Property 'variables' is invalid: {reason}", f"variables: {reason}")
    for text in ("[]", '\ufeff{"a":1}'):
        one, other = both_refuse(native, rest, "CompleteJob", jobKey=UNKNOWN_KEY, variables=text)
        assert (one.code, one.kind, one.details) == ("INVALID_ARGUMENT", "InvalidArgument", True)
        assert (other.code, other.kind, other.details) == (
            "INVALID_ARGUMENT",
            kind(rest, "InvalidRequest"),
            False,
        )


@pins("unknown-rpc")
def test_an_rpc_that_is_too_new_is_refused_in_other_words(native: Case, rest: Case) -> None:
    one, other = both_refuse(native, rest, "EvaluateConditional", variables='{"a":1}')
    assert (one.code, one.kind, one.details) == ("UNIMPLEMENTED", "Unimplemented", False)
    assert (other.code, other.kind, other.details) == ("UNIMPLEMENTED", "Unimplemented", True)
    assert "/v2/conditionals/evaluation" in other.text
    one, other = both_refuse(native, rest, "UpdateJobPriority", jobKey=UNKNOWN_KEY, priority=1)
    assert (one.code, one.kind) == ("UNIMPLEMENTED", "Unimplemented")
    assert (other.code, other.kind) == ("UNIMPLEMENTED", kind(rest, "UnsupportedField"))


@pins("pressure-on-activation", features={FLOW_CONTROL})
def test_back_pressure_on_an_activation_is_introduced_over_rest(native: Case, rest: Case) -> None:
    gateway: Any = native.gateway
    texts = []
    with gateway.limited(writes_per_second=1):
        for case in (native, rest):
            jobs = {"type": "t", "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": -1}
            texts.append(until_refused(case, "ActivateJobs", **jobs).text)
    assert texts[0].startswith(
        "Expected to activate jobs of type 't', but no jobs available and at least one broker"
    )
    assert texts[1] == f"Unexpected error occurred during the request processing: {texts[0]}"


@pins("paused-text", features={PAUSE})
def test_a_paused_broker_refuses_in_another_form(native: Case, rest: Case) -> None:
    gateway: Any = native.gateway
    gateway.pause()
    try:
        one, other = both_refuse(native, rest, "PublishMessage", name="m", correlationKey="c")
    finally:
        gateway.resume()
    assert (one.code, other.code) == ("INTERNAL", "INTERNAL")
    assert "(code: INTERNAL_ERROR) (message: Processing paused for partition '1')" in one.text
    assert "code: INTERNAL_ERROR, message: Processing paused for partition '1'" in other.text


# Tenants, time and streams


@pins("tenants-of-jobs")
def test_the_tenants_of_an_activation_are_checked_natively_alone(native: Case, rest: Case) -> None:
    jobs = {"type": "t", "timeout": 1000, "tenantIds": ["red"]}
    for rpc, more in (("ActivateJobs", {"maxJobsToActivate": 1}), ("StreamActivatedJobs", {})):
        refusal = native.refused(rpc, **jobs, **more)
        assert (refusal.code, "multi-tenancy is disabled" in refusal.text) == ("INVALID_ARGUMENT", True)
    assert rest.poll(**jobs) == []
    stream = rest.stream("t", timeout=1000, tenantIds=["red"])
    assert stream.next(1.0) is None
    assert stream.error is None


@pins("await-time")
def test_the_time_of_a_wait_for_a_result_is_the_callers_own_over_rest(native: Case, rest: Case) -> None:
    process = native.name("timer")
    native.deploy(native.resource("timer", process=process, job=native.name("job"), duration="PT9H"))
    fields = {"request": {"bpmnProcessId": process, "version": -1}, "requestTimeout": 500}
    one = native.refused("CreateProcessInstanceWithResult", within=10, **fields)
    began = time.monotonic()
    other = rest.refused("CreateProcessInstanceWithResult", within=1.5, **fields)
    assert time.monotonic() - began >= 1.5
    assert (one.code, one.details, other.code, other.details) == (
        "DEADLINE_EXCEEDED",
        True,
        "DEADLINE_EXCEEDED",
        False,
    )
    assert one.text.startswith("Time out between gateway and broker")


@pins("stream-of-waiting-jobs")
def test_a_stream_brings_jobs_that_waited_over_rest_alone(native: Case, rest: Case) -> None:
    for case in (native, rest):
        process, charge, _ = case.order()
        waiting, later = case.start(process), 0
        stream = case.stream(charge)
        came = []
        for _ in range(40):
            later = case.start(process)
            while (job := stream.next(0.25)) is not None:
                came.append(job.processInstanceKey)
            if later in came:
                break
        assert later in came
        assert (waiting in came) is (case is rest)


@pins("stream-validation")
def test_a_stream_without_a_type_is_refused_in_other_words(native: Case, rest: Case) -> None:
    one, other = both_refuse(native, rest, "StreamActivatedJobs", timeout=1000, tenantIds=[TENANT])
    assert (one.code, one.details) == ("INVALID_ARGUMENT", False)
    assert (other.code, other.details, other.text) == ("INVALID_ARGUMENT", True, "No type provided.")


# Those that need a gateway of their own


def staged(gateway: Gateway) -> tuple[Stage, list[Case]]:
    """A case on the reference path and one on each path over REST."""
    stage = Stage(gateway)
    return stage, [
        stage.case(PATHS[0]),
        *(
            stage.case(path)
            for path in PATHS
            if path.wire == REST and path.reference == NATIVE and path.name != NATIVE_BEHIND
        ),
    ]


def asked_of(call: dict[str, Any]) -> dict[str, Any]:
    """What a recorded call asked with, as fields of its request."""
    request = json_format.ParseDict(call["grpc"]["request"], request_of(call["rpc"]))
    return {field.name: value for field, value in request.ListFields()}


@on_gateways("recorded", wires={GRPC, REST})
def test_with_multi_tenancy_on_the_gateways_decide_differently(make_gateway: Callable[..., Gateway]) -> None:
    stage, (native, *over_rest) = staged(
        make_gateway(environment={"ZEEBE_BROKER_GATEWAY_MULTITENANCY_ENABLED": "true"})
    )
    try:
        for call in read(STATES, "tenants"):
            rpc, fields = call["rpc"], asked_of(call)
            one = native.refused(rpc, **fields)
            assert (one.code, one.text) == ("INVALID_ARGUMENT", call["grpc"]["text"])
            for rest in over_rest if "rest" in call else ():
                _decides_over_rest(rest, rpc, fields, one)
    finally:
        stage.close()


def _decides_over_rest(rest: Case, rpc: str, fields: dict[str, Any], native: Refusal) -> None:
    tenant = fields.get("tenantId", "")
    if rpc == "ActivateJobs":
        assert rest.poll(**fields) == []
        return
    other = rest.refused(rpc, **fields)
    if tenant == TENANT:  # accepted: that there is no such process is said by the engine
        assert other.code == "NOT_FOUND"
    elif "request context" in native.text:
        assert (other.code, other.kind) == ("PERMISSION_DENIED", "PermissionDenied")
    else:
        assert (other.code, other.kind) == ("INVALID_ARGUMENT", "InvalidArgument")
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", rpc)
        ours = native.text.replace(f"gRPC request {rpc}", f"request {spaced}")
        assert ours.rstrip(".") == other.text.replace("'null'", "''").rstrip(".")


@on_gateways("recorded", wires={GRPC, REST})
def test_several_partitions_show_in_messages_and_in_back_pressure(
    make_gateway: Callable[..., Gateway],
) -> None:
    gateway: Any = make_gateway(partitions=3)
    stage, (native, *over_rest) = staged(gateway)
    (jobs,), (refused,) = read(STATES, "jobs-of-partitions"), read(STATES, "pressure-on-partitions")
    try:
        for case in (native, *over_rest):
            request = request_of("ActivateJobs", **asked_of(jobs))
            messages = case.caller.activate(request, 20)
            keys = [[job.key >> 51 for job in message.jobs] for message in messages]
            assert keys == ([[1, 1, 1], [2, 2]] if case is native else [[2, 3, 3, 3, 4, 4, 4, 5, 5, 5]]), (
                "one message for each partition that gave jobs, or one with all of them"
            )
        with gateway.limited(writes_per_second=1):
            for case in (native, *over_rest):
                refusal = case.refused("CreateProcessInstance", **asked_of(refused))
                assert refusal.code == "RESOURCE_EXHAUSTED"
                assert "write limit is exhausted" in refusal.text or case is native
                partitions = [detail for detail in refusal.status.details if "Status" in detail.type_url]
                assert len(partitions) == (3 if case is native else 0)
    finally:
        stage.close()


_PINNED["one-message"] = _PINNED["tried-partitions"] = (
    test_several_partitions_show_in_messages_and_in_back_pressure.__name__
)
_PINNED["foreign-tenant"] = test_with_multi_tenancy_on_the_gateways_decide_differently.__name__


# The list


def test_every_published_difference_has_a_test() -> None:
    assert set(_PINNED) == set(DIFFERENCES)


def test_the_document_is_the_list() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: python -m tests.scenarios.differences"
