"""What REST answers to requests that are wrong, word for word, as recorded on a real 8.6.0 in November 2026.

Raw HTTP, because no client would send such requests.
"""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.gateways import models
from tests.gateways.base import OPEN, REST, Gateway
from tests.gateways.registry import on_gateways

pytestmark = on_gateways("cluster", "embedded", wires={REST}, features={OPEN}, before="8.7")

#: A key that looks like one of partition 1 and that nothing will ever have.
KEY = 2**51 + 10**12
JSON, PROBLEM = "application/json", "application/problem+json"
CLASS = "io.camunda.zeebe.broker.client.api.PartitionNotFoundException"
UNREADABLE = "Failed to read request"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, whole."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        """What its JSON says."""
        return json.loads(self.text)


class Caller:
    """Sends requests as they are given, each on a connection of its own."""

    def __init__(self, address: str) -> None:
        self._address = urlsplit(address).netloc

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """``body`` is text or bytes as they are, or what becomes JSON; ``content_type`` is a header like any other."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            named.setdefault("content-type", JSON)
        data = body.encode() if isinstance(body, str) else body
        connection = http.client.HTTPConnection(self._address, timeout=60)
        try:
            connection.request(method, "/v2" + path, data, named)
            answer = connection.getresponse()
            text = answer.read().decode()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
        finally:
            connection.close()


@pytest.fixture
def call(gateway: Gateway) -> Caller:
    return Caller(gateway.rest_address)


def check_problem(answer: Answer, path: str, status: int, title: str, detail: str | None) -> None:
    expected = {"type": "about:blank", "title": title, "status": status}
    if detail is not None:
        expected["detail"] = detail
    assert (answer.status, answer.body) == (status, {**expected, "instance": "/v2" + path})
    assert answer.headers["content-type"] == PROBLEM
    closes = status in (400, 408, 413, 500, 503)
    assert (answer.headers.get("connection") == "close") == closes


# Checks of a controller: method, path, body, and the sentences.

ACTIVATION = {"type": "words", "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": -1}
ACTIVATE, CREATE, EVALUATE = "/jobs/activation", "/process-instances", "/decision-definitions/evaluation"
PUBLISH, CORRELATE, BROADCAST = "/messages/publication", "/messages/correlation", "/signals/broadcast"
MIGRATE, MODIFY = f"/process-instances/{KEY}/migration", f"/process-instances/{KEY}/modification"
CANCEL, DELETE = f"/process-instances/{KEY}/cancellation", f"/resources/{KEY}/deletion"
SET, JOB, CLOCK = f"/element-instances/{KEY}/variables", f"/jobs/{KEY}", "/clock"
REFERENCE = "The value for operationReference is '{}' but must be > 0."

INVALID: list[tuple[str, str, Any, str]] = [
    ("POST", ACTIVATE, ACTIVATION | {"type": ""}, "No type provided."),
    ("POST", ACTIVATE, ACTIVATION | {"type": "  "}, "No type provided."),
    ("POST", ACTIVATE, ACTIVATION | {"type": None}, "No type provided."),
    ("POST", ACTIVATE, ACTIVATION | {"timeout": 0}, "The value for timeout is '0' but must be greater than 0."),
    ("POST", ACTIVATE, ACTIVATION | {"timeout": -1}, "The value for timeout is '-1' but must be greater than 0."),
    ("POST", ACTIVATE, ACTIVATION | {"timeout": "0"}, "The value for timeout is '0' but must be greater than 0."),
    ("POST", ACTIVATE, ACTIVATION | {"timeout": ""}, "No timeout provided."),
    (
        "POST",
        ACTIVATE,
        ACTIVATION | {"maxJobsToActivate": 0},
        "The value for maxJobsToActivate is '1000' but must be greater than 0.",
    ),
    ("POST", ACTIVATE, {}, "No type provided. No timeout provided. No maxJobsToActivate provided."),
    (
        "POST",
        ACTIVATE,
        {"type": "", "timeout": 0, "maxJobsToActivate": 0},
        "No type provided. The value for timeout is '0' but must be greater than 0. "
        "The value for maxJobsToActivate is '0' but must be greater than 0.",
    ),
    ("POST", CREATE, {}, "At least one of [processDefinitionId, processDefinitionKey] is required."),
    (
        "POST",
        CREATE,
        {"processDefinitionKey": ""},
        "At least one of [processDefinitionId, processDefinitionKey] is required.",
    ),
    (
        "POST",
        CREATE,
        {"awaitCompletion": True},
        "At least one of [processDefinitionId, processDefinitionKey] is required.",
    ),
    (
        "POST",
        CREATE,
        {"processDefinitionId": "a", "processDefinitionKey": 3, "operationReference": 0},
        "Only one of [processDefinitionId, processDefinitionKey] is allowed. " + REFERENCE.format(0),
    ),
    ("POST", CREATE, {"processDefinitionId": "a", "operationReference": -1}, REFERENCE.format(-1)),
    (
        "POST",
        CREATE,
        {"tenantId": "t"},
        "Expected to handle request Create Process Instance with tenant identifier 't', "
        "but multi-tenancy is disabled",
    ),
    ("POST", EVALUATE, {}, "At least one of [decisionDefinitionId, decisionDefinitionKey] is required."),
    (
        "POST",
        EVALUATE,
        {"decisionDefinitionId": "a", "decisionDefinitionKey": "3"},
        "Only one of [decisionDefinitionId, decisionDefinitionKey] is allowed.",
    ),
    (
        "POST",
        EVALUATE,
        {"decisionDefinitionId": "a", "tenantId": "t"},
        "Expected to handle request Evaluate Decision with tenant identifier 't', but multi-tenancy is disabled",
    ),
    ("POST", PUBLISH, {"name": " "}, "No name provided."),
    (
        "POST",
        PUBLISH,
        {"tenantId": "t"},
        "Expected to handle request Publish Message with tenant identifier 't', but multi-tenancy is disabled",
    ),
    ("POST", CORRELATE, {}, "No messageName provided."),
    (
        "POST",
        CORRELATE,
        {"name": "m", "tenantId": "t"},
        "Expected to handle request Correlate Message with tenant identifier 't', but multi-tenancy is disabled",
    ),
    ("POST", BROADCAST, {}, "No signalName provided."),
    (
        "POST",
        BROADCAST,
        {"tenantId": "t"},
        "Expected to handle request Broadcast Signal with tenant identifier 't', but multi-tenancy is disabled",
    ),
    ("POST", MIGRATE, {}, "No targetProcessDefinitionKey provided. No mappingInstructions provided."),
    (
        "POST",
        MIGRATE,
        {"targetProcessDefinitionKey": 1, "mappingInstructions": [{}, {"sourceElementId": "a"}], "operationReference": 0},
        "All [sourceElementId, targetElementId] are required. " + REFERENCE.format(0),
    ),
    ("POST", MODIFY, {"activateInstructions": [{}]}, "No elementId provided."),
    (
        "POST",
        MODIFY,
        {
            "activateInstructions": [{}, {"variableInstructions": [{}, {"variables": {}}]}],
            "terminateInstructions": [{}, {}],
            "operationReference": -3,
        },
        "No elementId provided. No variables provided. No elementInstanceKey provided. " + REFERENCE.format(-3),
    ),
    ("POST", CANCEL, {"operationReference": 0}, REFERENCE.format(0)),
    ("POST", DELETE, {"operationReference": -1}, REFERENCE.format(-1)),
    ("PUT", SET, {}, "No variables provided."),
    ("PUT", SET, {"variables": {}, "operationReference": 0}, "No variables provided. " + REFERENCE.format(0)),
    ("PUT", SET, {"variables": None}, "No variables provided."),
    ("POST", JOB + "/error", {"errorCode": " "}, "No errorCode provided."),
    ("PATCH", JOB, {}, "At least one of [retries, timeout] is required."),
    ("PATCH", JOB, {"changeset": {"retries": None}}, "At least one of [retries, timeout] is required."),
    ("PATCH", JOB, {"changeset": {"priority": 5}}, "At least one of [retries, timeout] is required."),
    ("PUT", CLOCK, {}, "No timestamp provided."),
    ("PUT", CLOCK, {"timestamp": -1}, "The value for timestamp is '-1' but must be not negative."),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "detail"), INVALID)
def test_a_wrong_request_is_told_what_is_wrong(
    call: Caller, method: str, path: str, body: Any, detail: str
) -> None:
    check_problem(call(method, path, body), path, 400, "INVALID_ARGUMENT", detail)


# What cannot be read, or stumbles inside the gateway: title "Bad Request".

TEXT_IS_NULL = 'Cannot invoke "String.getBytes(java.nio.charset.Charset)" because "value" is null'
MODEL = "io.camunda.zeebe.gateway.protocol.rest"

BAD: list[tuple[str, str, Any, str]] = [
    ("POST", ACTIVATE, '{"type":', UNREADABLE),
    ("POST", ACTIVATE, "[]", UNREADABLE),
    ("POST", ACTIVATE, '"text"', UNREADABLE),
    ("POST", ACTIVATE, b"\xff\xfe{}", UNREADABLE),
    ("POST", ACTIVATE, "  ", UNREADABLE),
    ("POST", ACTIVATE, "", "Required request body is missing"),
    ("POST", ACTIVATE, "null", "Required request body is missing"),
    ("POST", MODIFY, "", "Required request body is missing"),
    ("PUT", CLOCK, "", "Required request body is missing"),
    ("PUT", CLOCK, {"timestamp": "abc"}, UNREADABLE),
    ("POST", ACTIVATE, ACTIVATION | {"timeout": "soon"}, UNREADABLE),
    ("POST", ACTIVATE, ACTIVATION | {"timeout": "5.7"}, UNREADABLE),
    ("POST", ACTIVATE, ACTIVATION | {"timeout": True}, UNREADABLE),
    ("POST", ACTIVATE, ACTIVATION | {"timeout": 1e30}, UNREADABLE),
    ("POST", ACTIVATE, ACTIVATION | {"maxJobsToActivate": 2**31}, UNREADABLE),
    ("POST", ACTIVATE, ACTIVATION | {"type": {}}, UNREADABLE),
    ("POST", ACTIVATE, ACTIVATION | {"fetchVariable": "a"}, UNREADABLE),
    ("POST", CREATE, {"processDefinitionKey": "abc"}, UNREADABLE),
    ("POST", CREATE, {"processDefinitionId": "a", "variables": [1]}, UNREADABLE),
    ("POST", CREATE, {"processDefinitionId": "a", "variables": "{}"}, UNREADABLE),
    ("POST", CREATE, '{"processDefinitionId":"a","variables":{"a":NaN}}', UNREADABLE),
    ("POST", CREATE, {"processDefinitionId": "a", "operationReference": 2**63}, UNREADABLE),
    (
        "POST",
        JOB + "/completion",
        {"variables": {"a": 2**64}},
        "MessagePack cannot serialize BigInteger larger than 2^64-1",
    ),
    ("PATCH", JOB, {"changeset": []}, UNREADABLE),
    ("PATCH", JOB, {"changeset": {"retries": True}}, UNREADABLE),
    ("PUT", SET, {"variables": {"a": 1}, "local": "yes"}, UNREADABLE),
    ("POST", "/jobs/abc/completion", {}, "Failed to convert 'jobKey' with value: 'abc'"),
    ("POST", "/jobs/abc/completion", "{", "Failed to convert 'jobKey' with value: 'abc'"),
    ("POST", "/jobs/a%20b/completion", {}, "Failed to convert 'jobKey' with value: 'a b'"),
    (
        "POST",
        "/jobs/9223372036854775808/completion",
        {},
        "Failed to convert 'jobKey' with value: '9223372036854775808'",
    ),
    ("POST", CREATE, {"processDefinitionId": "a", "startInstructions": [{}]}, TEXT_IS_NULL),
    (
        "POST",
        CREATE,
        {"processDefinitionId": "a", "startInstructions": None},
        'Cannot invoke "java.util.List.stream()" because the return value of '
        f'"{MODEL}.CreateProcessInstanceRequest.getStartInstructions()" is null',
    ),
    (
        "POST",
        CREATE,
        {"processDefinitionId": "a", "awaitCompletion": None},
        'Cannot invoke "java.lang.Boolean.booleanValue()" because the return value of '
        '"io.camunda.service.ProcessInstanceServices$ProcessInstanceCreateRequest.awaitCompletion()" is null',
    ),
    (
        "POST",
        MODIFY,
        {"terminateInstructions": None},
        'Cannot invoke "java.util.List.stream()" because "instructions" is null',
    ),
    (
        "POST",
        MODIFY,
        {"activateInstructions": [{"elementId": "a", "variableInstructions": None}]},
        'Cannot invoke "java.util.List.stream()" because the return value of '
        f'"{MODEL}.ModifyProcessInstanceActivateInstruction.getVariableInstructions()" is null',
    ),
    (
        "POST",
        MODIFY,
        {"activateInstructions": [{"elementId": "a", "variableInstructions": [{"variables": {"a": 1}, "scopeId": None}]}]},
        TEXT_IS_NULL,
    ),
    ("POST", PUBLISH, {"name": "a", "correlationKey": None, "timeToLive": None}, TEXT_IS_NULL),
    (
        "POST",
        PUBLISH,
        {"name": "a", "timeToLive": None},
        'Cannot invoke "java.lang.Long.longValue()" because "request.timeToLive" is null',
    ),
    ("POST", CORRELATE, {"name": "a", "correlationKey": None}, TEXT_IS_NULL),
    (
        "PUT",
        SET,
        {"variables": {"a": 1}, "local": None},
        'Cannot invoke "java.lang.Boolean.booleanValue()" because the return value of '
        '"io.camunda.service.ElementInstanceServices$SetVariablesRequest.local()" is null',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "detail"), BAD)
def test_what_cannot_be_read_is_a_bad_request(
    call: Caller, method: str, path: str, body: Any, detail: str
) -> None:
    check_problem(call(method, path, body, content_type=JSON), path, 400, "Bad Request", detail)


# What the engine refuses, where the wording is that of REST alone.

REFUSED: list[tuple[str, str, Any, int, str, str]] = [
    ("PATCH", JOB, {"changeset": {"retries": 1}}, 404, "NOT_FOUND",
     f"Command 'UPDATE' rejected with code 'NOT_FOUND': Expected to update job with key '{KEY}', but no such job was found"),
    ("PATCH", JOB, {"changeset": {"retries": 0, "timeout": 5}}, 404, "NOT_FOUND",
     f"Command 'UPDATE' rejected with code 'NOT_FOUND': Expected to update job with key '{KEY}', but no such job was found"),
    ("POST", CORRELATE, {"name": "nobody", "correlationKey": "1"}, 404, "NOT_FOUND",
     "Command 'CORRELATE' rejected with code 'NOT_FOUND': Expected to find subscription for message with name 'nobody' "
     "and correlation key '1', but none was found."),
    ("POST", CREATE, {"processDefinitionId": ""}, 400, "INVALID_ARGUMENT",
     "Command 'CREATE' rejected with code 'INVALID_ARGUMENT': Expected at least a bpmnProcessId or a key greater than -1, "
     "but none given"),
    ("POST", CREATE, {"processDefinitionId": "no-such", "awaitCompletion": True}, 404, "NOT_FOUND",
     "Command 'CREATE_WITH_AWAITING_RESULT' rejected with code 'NOT_FOUND': Expected to find process definition with "
     "process ID 'no-such', but none found"),
    ("POST", EVALUATE, {"decisionDefinitionId": ""}, 400, "INVALID_ARGUMENT",
     "Command 'EVALUATE' rejected with code 'INVALID_ARGUMENT': Expected either a decision id or a valid decision key, "
     "but none provided"),
    *[("POST", f"/jobs/{key}/completion", {}, 503, CLASS,
       "Expected to handle REST API request, but request could not be delivered")
      for key in ("0", "-1", "1", "+5", "0x10", "%23FF", "010", str(9 * 2**51 + 1))],
    ("PATCH", "/jobs/0", {"changeset": {"retries": 0}}, 503, CLASS,
     "Expected to handle REST API request, but request could not be delivered"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status", "title", "detail"), REFUSED)
def test_a_refusal_of_the_engine_has_its_title_and_text(
    call: Caller, method: str, path: str, body: Any, status: int, title: str, detail: str
) -> None:
    check_problem(call(method, path, body), path, status, title, detail)


# What reaches no controller.

UNROUTED: list[tuple[str, str, Any, dict[str, str], int, str, dict[str, str]]] = [
    ("GET", "/nope", None, {}, 404, JSON, {}),
    ("GET", "/topology/", None, {}, 404, JSON, {}),
    ("GET", "/Topology", None, {}, 404, JSON, {}),
    ("GET", "/status", None, {}, 404, JSON, {}),
    ("GET", "/nope", None, {"accept": PROBLEM}, 404, PROBLEM, {}),
    ("POST", "/conditionals/evaluation", {"variables": {"a": 1}}, {}, 404, JSON, {}),
    ("POST", "/topology", {}, {}, 405, JSON, {"allow": "GET"}),
    ("GET", ACTIVATE, None, {}, 405, JSON, {"allow": "PATCH, POST"}),
    ("POST", "/jobs//completion", {}, {}, 405, JSON, {"allow": "PATCH"}),
    ("POST", SET, {"variables": {}}, {}, 405, JSON, {"allow": "PUT"}),
    ("GET", CLOCK, None, {}, 405, JSON, {"allow": "PUT"}),
    ("POST", ACTIVATE, None, {}, 415, JSON, {"accept": JSON}),
    ("POST", ACTIVATE, "{}", {"content_type": "text/plain"}, 415, JSON, {"accept": JSON}),
    ("POST", ACTIVATE, "{}", {"content_type": "application/vnd.x+json"}, 415, JSON, {"accept": JSON}),
    ("POST", JOB + "/completion", "{}", {"content_type": "text/plain"}, 415, JSON, {"accept": JSON}),
    ("POST", "/jobs/abc/completion", "{", {"content_type": "text/plain"}, 415, JSON, {"accept": JSON}),
    ("POST", JOB + "/error", None, {}, 415, JSON, {"accept": JSON}),
    ("PATCH", JOB, None, {}, 415, JSON, {"accept": JSON}),
    ("POST", f"/incidents/{KEY}/resolution", None, {}, 415, JSON, {"accept": JSON}),
    ("POST", "/deployments", {}, {}, 415, JSON, {"accept": "multipart/form-data"}),
    ("GET", "/topology", None, {"accept": PROBLEM}, 406, PROBLEM, {"accept": JSON}),
    (
        "POST",
        CREATE,
        {},
        {"accept": "application/vnd.camunda.api.keys.string+json"},
        406,
        "application/vnd.camunda.api.keys.string+json",
        {"accept": f"{JSON}, {PROBLEM}"},
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "status", "kind", "told"), UNROUTED)
def test_what_reaches_no_controller_is_answered_by_the_web_server(
    call: Caller,
    method: str,
    path: str,
    body: Any,
    headers: dict[str, str],
    status: int,
    kind: str,
    told: dict[str, str],
) -> None:
    answer = call(method, path, body, **headers)
    phrases = {
        404: "Not Found",
        405: "Method Not Allowed",
        406: "Not Acceptable",
        415: "Unsupported Media Type",
    }
    assert answer.status == status
    said = answer.body
    assert said.pop("timestamp").endswith("+00:00")
    assert said == {"status": status, "error": phrases[status], "path": "/v2" + path}
    assert answer.headers["content-type"] == kind
    # The order of the methods differs from one start of the real gateway to the next.
    lists = {
        name: set(value.split(", ")) for name, value in answer.headers.items() if name in ("allow", "accept")
    }
    assert lists == {name: set(value.split(", ")) for name, value in told.items()}
    assert answer.headers.get("connection") != "close"


@pytest.mark.parametrize(("path", "accept"), [("/nope", "text/plain"), (ACTIVATE, "text/plain")])
def test_an_answer_that_is_not_wanted_as_json_has_no_body(call: Caller, path: str, accept: str) -> None:
    answer = call("POST", path, {}, accept=accept)
    assert (answer.status, answer.text) == (404 if path == "/nope" else 406, "")


# What passes.


@pytest.mark.parametrize("path", ["/topology?x=1", "/topology;x=1"])
def test_what_comes_after_the_path_is_ignored(call: Caller, path: str) -> None:
    assert call("GET", path, "{}").status == 200


def test_repeated_slashes_are_one(call: Caller) -> None:
    assert call("GET", "//topology").status == 200


@pytest.mark.parametrize(
    "body",
    [
        ACTIVATION,
        ACTIVATION | {"type": 5, "timeout": " 7 ", "maxJobsToActivate": 5.7},
        ACTIVATION | {"noSuch": 1, "tenantFilter": "ASSIGNED", "withLease": True},
        ACTIVATION | {"tenantIds": ["foreign"]},
        ACTIVATION | {"fetchVariable": None, "tenantIds": None, "worker": None},
    ],
)
def test_an_activation_is_read_leniently(call: Caller, body: Any) -> None:
    answer = call("POST", ACTIVATE, body)
    assert (answer.status, answer.text) == (200, '{"jobs":[]}')
    assert answer.headers["content-type"] == JSON


@pytest.mark.parametrize("path", [JOB + "/completion", JOB + "/failure", CANCEL, DELETE])
@pytest.mark.parametrize(
    ("body", "kind"), [(None, {}), ("", {"content_type": JSON}), ("null", {"content_type": JSON})]
)
def test_some_bodies_may_be_left_out(call: Caller, path: str, body: str | None, kind: dict[str, str]) -> None:
    answer = call("POST", path, body, **kind)
    assert (answer.status, answer.body["title"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("body", ["", "null", "[]", "{", '{"operationReference":-1}'])
def test_the_body_of_a_resolution_is_not_read(call: Caller, body: str) -> None:
    answer = call("POST", f"/incidents/{KEY}/resolution", body, content_type=JSON)
    assert (answer.status, answer.body["title"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    ['{"processDefinitionId":"words"} trailing', '{"processDefinitionId":"x","processDefinitionId":"words"}'],
)
def test_what_follows_a_body_is_ignored_and_the_last_of_two_counts(call: Caller, body: str) -> None:
    answer = call("POST", CREATE, body, content_type="application/json;charset=UTF-8")
    assert answer.status == 404
    assert "process ID 'words'" in answer.body["detail"]


# Deployments


class Form:
    """A multipart body."""

    boundary = "words-boundary"
    kind = f"multipart/form-data; boundary={boundary}"

    def __init__(self, *parts: tuple[str, str]) -> None:
        text = "".join(f"--{self.boundary}\r\n{head}\r\n\r\n{content}\r\n" for head, content in parts)
        self.text = f"{text}--{self.boundary}--\r\n"


def part(filename: str, more: str = "", name: str = "resources") -> str:
    return f'Content-Disposition: form-data; name="{name}"; filename="{filename}"{more}'


TENANT = 'Content-Disposition: form-data; name="tenantId"'
ERRORS = (
    "Command 'CREATE' rejected with code 'INVALID_ARGUMENT': Expected to deploy new resources, but encountered the "
    "following errors:"
)


@pytest.mark.parametrize(
    ("parts", "title", "detail"),
    [
        ([(TENANT, "<default>")], "Bad Request", "Required part 'resources' is not present."),
        ([(part("a.txt", name="resource"), "x")], "Bad Request", "Required part 'resources' is not present."),
        (
            [('Content-Disposition: form-data; name="resources"', "x")],
            "Bad Request",
            "Required part 'resources' is not present.",
        ),
        (
            [(part("a.txt"), "x"), (TENANT, "t")],
            "INVALID_ARGUMENT",
            "Expected to handle request Deploy Resources with tenant identifier 't', but multi-tenancy is disabled",
        ),
        ([(part("a.txt"), "x"), (TENANT, "")], "INVALID_ARGUMENT", f"{ERRORS}\n\n'a.txt': unknown resource type"),
        ([(part(""), "x")], "INVALID_ARGUMENT", f"{ERRORS}\n\n'': unknown resource type"),
        (
            [(part('dir/ä%20\\"q.txt'), "x")],
            "INVALID_ARGUMENT",
            f"{ERRORS}\n\n'dir/ä%20\"q.txt': unknown resource type",
        ),
        (
            [(part("a.txt", "; filename*=UTF-8''%C3%A4.txt"), "x")],
            "INVALID_ARGUMENT",
            f"{ERRORS}\n\n'ä.txt': unknown resource type",
        ),
        ([(part("a.txt"), "x"), (part("a.txt"), "y")], "INVALID_ARGUMENT", f"{ERRORS}\n\n'a.txt': unknown resource type"),
    ],
)  # fmt: skip
def test_a_deployment_that_is_refused(
    call: Caller, parts: list[tuple[str, str]], title: str, detail: str
) -> None:
    answer = call("POST", "/deployments", Form(*parts).text, content_type=Form.kind)
    check_problem(answer, "/deployments", 400, title, detail)


@pytest.mark.parametrize("body", ["", "rubbish"])
def test_a_deployment_without_parts(call: Caller, body: str) -> None:
    answer = call("POST", "/deployments", body, content_type=Form.kind)
    check_problem(answer, "/deployments", 400, "Bad Request", "Required part 'resources' is not present.")


def test_a_deployment_that_is_cut_off(call: Caller) -> None:
    cut = Form((part("a.txt"), "x")).text.removesuffix(f"\r\n--{Form.boundary}--\r\n")
    answer = call("POST", "/deployments", cut, content_type=Form.kind)
    assert (answer.status, answer.body["title"]) == (500, "Filter issue")


def test_a_deployment_above_4_mib_has_no_body_in_its_answer(call: Caller) -> None:
    answer = call(
        "POST", "/deployments", Form((part("a.bpmn"), "x" * 4 * 1024 * 1024)).text, content_type=Form.kind
    )
    assert (answer.status, answer.text, answer.headers["connection"]) == (413, "", "close")
    assert "content-type" not in answer.headers


@pytest.mark.parametrize(
    ("size", "title", "detail"),
    [
        (3, "EXCEEDED_BATCH_RECORD_SIZE", "Command 'CREATE' rejected with code 'EXCEEDED_BATCH_RECORD_SIZE': "),
        (
            5,
            "MALFORMED_REQUEST",
            "Received an unexpected error from the broker, code: MALFORMED_REQUEST, message: "
            "Request size is above configured maxMessageSize.",
        ),
    ],
)  # fmt: skip
def test_variables_of_some_mib_are_too_many(
    call: Caller, deployed: Deployed, size: int, title: str, detail: str
) -> None:
    body = {"processDefinitionId": deployed.process, "variables": {"a": "x" * size * 1024 * 1024}}
    check_problem(call("POST", CREATE, body), CREATE, 500, title, detail)


# A process and its jobs, as REST shows them


@dataclass(frozen=True)
class Deployed:
    """The order process, deployed over REST."""

    process: str
    charge: str
    answer: Any


@pytest.fixture
def deployed(call: Caller) -> Deployed:
    tag = uuid.uuid4().hex[:10]
    names = {"process": f"order-{tag}", "charge": f"charge-{tag}", "ship": f"ship-{tag}"}
    text = models.model("order", **names).decode()
    answer = call("POST", "/deployments", Form((part("order.bpmn"), text)).text, content_type=Form.kind)
    assert answer.status == 200, answer.text
    return Deployed(names["process"], names["charge"], answer.body)


def started(call: Caller, deployed: Deployed, **variables: Any) -> dict[str, Any]:
    answer = call("POST", CREATE, {"processDefinitionId": deployed.process, "variables": variables})
    assert answer.status == 200, answer.text
    return dict(answer.body)


def activated(call: Caller, deployed: Deployed) -> dict[str, Any]:
    body = ACTIVATION | {
        "type": deployed.charge,
        "timeout": 600_000,
        "requestTimeout": 10_000,
        "worker": "words",
    }
    (job,) = call("POST", ACTIVATE, body).body["jobs"]
    return dict(job)


def test_a_deployment_shows_what_was_deployed(deployed: Deployed) -> None:
    answer = deployed.answer
    key, definition = (
        answer["deploymentKey"],
        answer["deployments"][0]["processDefinition"].pop("processDefinitionKey"),
    )
    assert type(key) is int
    assert type(definition) is int
    shown = {
        "processDefinitionId": deployed.process,
        "processDefinitionVersion": 1,
        "resourceName": "order.bpmn",
        "tenantId": "<default>",
    }
    assert answer == {
        "deploymentKey": key,
        "deployments": [{"processDefinition": shown}],
        "tenantId": "<default>",
    }


def test_an_instance_and_a_job_show_numbers_for_keys_and_nothing_newer(
    call: Caller, deployed: Deployed
) -> None:
    instance = started(call, deployed, text="ä😀", number=1.5, big=2**63 - 1)
    assert set(instance) == {
        "processDefinitionKey",
        "processDefinitionId",
        "processDefinitionVersion",
        "processInstanceKey",
        "tenantId",
        "variables",
    }
    assert (type(instance["processInstanceKey"]), instance["variables"]) == (int, {})
    job = activated(call, deployed)
    for name in ("key", "elementInstanceKey", "deadline"):
        assert type(job.pop(name)) is int, name
    assert job == {
        "type": deployed.charge,
        "processInstanceKey": instance["processInstanceKey"],
        "processDefinitionId": deployed.process,
        "processDefinitionVersion": 1,
        "processDefinitionKey": instance["processDefinitionKey"],
        "elementId": job["elementId"],
        "customHeaders": job["customHeaders"],
        "worker": "words",
        "retries": job["retries"],
        "variables": {"text": "ä😀", "number": 1.5, "big": 2**63 - 1},
        "tenantId": "<default>",
    }


def test_retries_and_timeout_of_a_job_are_updated_by_one_command(call: Caller, deployed: Deployed) -> None:
    started(call, deployed)
    key = activated(call, deployed)["key"]
    update = f"/jobs/{key}"
    amount = (
        f"Command 'UPDATE' rejected with code 'INVALID_ARGUMENT': Expected to update retries for job with key '{key}' "
        "with a positive amount of retries, but the amount given was '0'"
    )
    answer = call("PATCH", update, {"changeset": {"retries": 0, "timeout": 5000}})
    check_problem(answer, update, 400, "INVALID_ARGUMENT", amount)
    done = call("PATCH", update, {"changeset": {"retries": 7, "timeout": 600_000}})
    assert (done.status, done.text) == (204, "")
    assert "content-type" not in done.headers
    assert call("POST", f"{update}/failure", {"retries": 0}).status == 204
    inactive = (
        f"Command 'UPDATE' rejected with code 'INVALID_ARGUMENT': Expected to update the timeout of job with key '{key}', "
        "but it is not active"
    )
    for changes in ({"timeout": 1}, {"retries": 5, "timeout": 1}):
        answer = call("PATCH", update, {"changeset": changes})
        check_problem(answer, update, 400, "INVALID_ARGUMENT", inactive)
    answer = call("POST", f"{update}/completion")
    check_problem(
        answer,
        f"{update}/completion",
        409,
        "INVALID_STATE",
        f"Command 'COMPLETE' rejected with code 'INVALID_STATE': Expected to complete job with key '{key}', "
        "but it is in state 'FAILED'",
    )
    assert call("PATCH", update, {"changeset": {"retries": 1}}).status == 204


def test_a_message_is_correlated_once(call: Caller) -> None:
    tag = uuid.uuid4().hex[:10]
    names = {name: f"{name}-{tag}" for name in models.placeholders("message")}
    text = models.model("message", **names).decode()
    assert (
        call("POST", "/deployments", Form((part("m.bpmn"), text)).text, content_type=Form.kind).status == 200
    )
    created = call(
        "POST", CREATE, {"processDefinitionId": names["process"], "variables": {"orderId": tag, "key": tag}}
    )
    instance = created.body["processInstanceKey"]
    body = {"name": names["message"], "correlationKey": tag, "variables": {"paid": True}}
    # On a real engine it takes a moment until the instance waits.
    for _ in range(200):
        answer = call("POST", CORRELATE, body)
        if answer.status == 200:
            break
        time.sleep(0.05)
    assert type(answer.body["messageKey"]) is int
    assert answer.body == {
        "messageKey": answer.body["messageKey"],
        "tenantId": "<default>",
        "processInstanceKey": instance,
    }
    assert call("POST", CORRELATE, body).status == 404
