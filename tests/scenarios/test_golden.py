"""The transcoding against what both wires of a real 8.6.0 said, recorded by ``tests.record.golden``; no gateway is needed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import json_format

from bridge._table.mapping import ROWS
from bridge._table.transcode import classes_of, exchange
from camunda_core.errors import CamundaError, InvalidRequest
from camunda_rest._request import HttpRequest, build, parse
from tests.record import golden
from tests.record.golden import Call
from tests.scenarios.differences import CODE, DIFFERENCES, KIND, TEXT
from tests.scenarios.transcript import Plain, differences

RECORDED = golden.read()


def calls(*, over_rest: bool) -> list[Any]:
    """Each recorded call that went over REST, or that did not."""
    return [
        pytest.param(call, id=f"{name.removeprefix('test_')}-{number}-{call.rpc}")
        for name, said in RECORDED.items()
        for number, call in enumerate(said)
        if (call.rest is not None) is over_rest
    ]


def request_of(call: Call) -> Any:
    """The recorded request message."""
    return json_format.ParseDict(call.grpc["request"], classes_of(call.rpc)[0]())


def sent_of(call: Call) -> HttpRequest:
    """What the recorded message becomes on the wire."""
    asked = exchange(call.rpc).to_rest(request_of(call))
    return build("/v2", asked.operation, asked.path, asked.body, asked.files)


@pytest.mark.parametrize("call", calls(over_rest=True))
def test_a_request_becomes_the_recorded_one(call: Call) -> None:
    assert call.rest is not None
    sent = sent_of(call)
    recorded = call.rest["request"]
    assert (sent.method, sent.url) == (recorded["method"], recorded["path"])
    if "parts" in recorded:
        assert golden.parts(sent.headers["content-type"], sent.body or b"") == recorded["parts"]
    elif "body" in recorded:
        assert sent.headers["content-type"] == "application/json"
        assert json.loads(sent.body or b"") == recorded["body"]
    else:
        assert sent.body is None


@pytest.mark.parametrize("call", calls(over_rest=True))
def test_an_answer_becomes_the_recorded_message(call: Call) -> None:
    if "code" in call.grpc:
        with pytest.raises(CamundaError) as caught:
            answer_of(call)
        native = {CODE: call.grpc["code"], TEXT: call.grpc["text"]}
        ours = {CODE: caught.value.grpc_code, TEXT: caught.value.message}
        allowed = DIFFERENCES[call.differs].parts if call.differs else frozenset()
        assert {part: ours[part] for part in ours if part not in allowed} == {
            part: native[part] for part in native if part not in allowed
        }
    else:
        expected = json_format.ParseDict(call.grpc["response"], classes_of(call.rpc)[1]())
        found = list(differences(Plain("").message(expected), Plain("").message(answer_of(call))))
        assert found == []


def answer_of(call: Call) -> Any:
    """What the recorded REST answer means; the error that it means is raised."""
    assert call.rest is not None
    response = call.rest["response"]
    content = json.dumps(response["body"]).encode() if "body" in response else b""
    operation = ROWS[call.rpc].operation
    assert operation is not None
    headers = {"content-type": response["type"]} if "type" in response else {}
    return exchange(call.rpc).answer_from_rest(parse(operation, response["status"], headers, content))


@pytest.mark.parametrize("call", calls(over_rest=False))
def test_what_did_not_go_over_rest_is_refused_or_has_no_operation(call: Call) -> None:
    if ROWS[call.rpc].operation is None:
        assert call.rpc == "StreamActivatedJobs"
        return
    assert KIND in DIFFERENCES[call.differs].parts
    with pytest.raises(InvalidRequest):
        sent_of(call)


def test_every_rpc_of_that_version_is_recorded_refused_and_answered() -> None:
    newer = {"EvaluateConditional", "UpdateJobPriority"}
    answered = {call.rpc for said in RECORDED.values() for call in said if "code" not in call.grpc}
    refused = {call.rpc for said in RECORDED.values() for call in said if "code" in call.grpc}
    assert answered == set(ROWS) - newer
    # A topology is never refused; nor is a deployment of the old kind recorded so.
    assert refused == set(ROWS) - newer - {"Topology", "DeployProcess"}
