"""Task listeners over REST: what a request waits for, and how its answer looks. It rests on the published contract."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

import bridge
from camunda_embedded import EmbeddedGateway
from camunda_embedded import _service as service
from tests.scenarios.engine.published_task_listeners import one
from tests.unit.camunda_embedded.test_rest_server import Answer, Rest

MODEL = one("p", "completing check")


@pytest.fixture
def rest(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rest]:
    monkeypatch.setattr(service, "REQUEST_TIMEOUT", 0.3)
    with EmbeddedGateway(dialect="8.8") as gateway:
        with bridge.Client(rest_address=gateway.rest_address, transport="rest") as client:
            client.deploy_resource(("p.bpmn", MODEL.encode()))
            client.create_process_instance("p", variables={"x": 1})
        yield Rest(gateway, published="8.8.9")


def user_task(rest: Rest) -> int:
    return max(r["key"] for r in rest.gateway.records() if r["valueType"] == "USER_TASK")


def states(rest: Rest) -> list[str]:
    return [r["intent"] for r in rest.gateway.records() if r["valueType"] == "USER_TASK"]


def job(rest: Rest) -> dict[str, Any]:
    wanted = {"type": "check", "timeout": 60_000, "maxJobsToActivate": 1}
    (found,) = rest("POST", "/jobs/activation", wanted).body["jobs"]
    return dict(found)


def test_a_request_whose_listener_takes_too_long_ends_and_the_transition_goes_on(rest: Rest) -> None:
    key = user_task(rest)
    answer = rest("POST", f"/user-tasks/{key}/completion", {"variables": {"ok": True}})
    assert (answer.status, answer.body["title"]) == (504, "DEADLINE_EXCEEDED")
    assert states(rest)[-1] == "COMPLETING"
    again = rest("POST", f"/user-tasks/{key}/completion", {})
    assert (again.status, again.body["title"]) == (409, "INVALID_STATE")
    assert "it is in state 'COMPLETING'" in again.body["detail"]
    assert rest("POST", f"/jobs/{job(rest)['jobKey']}/completion", {}).status == 204
    assert states(rest)[-1] == "COMPLETED"


def test_a_request_waits_for_the_answer_of_a_listener(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rest.gateway._service is not None
    rest.gateway._service.request_timeout = 30.0
    key, answers = user_task(rest), list[Answer]()
    asking = threading.Thread(
        target=lambda: answers.append(rest("POST", f"/user-tasks/{key}/completion", {"action": "sign"}))
    )
    asking.start()
    while "COMPLETING" not in states(rest):
        assert asking.is_alive()
    found = job(rest)
    assert (found["kind"], found["listenerEventType"]) == ("TASK_LISTENER", "COMPLETING")
    assert (found["userTask"]["action"], found["userTask"]["userTaskKey"]) == ("sign", str(key))
    result = {"type": "userTask", "denied": True, "deniedReason": "unsigned"}
    assert rest("POST", f"/jobs/{found['jobKey']}/completion", {"result": result}).status == 204
    asking.join(30)
    (answer,) = answers
    assert (answer.status, answer.body["title"]) == (409, "INVALID_STATE")
    assert "Reason to deny: 'unsigned'" in answer.body["detail"]
    assert states(rest)[-2:] == ["COMPLETION_DENIED", "COMPLETE"]  # and then the refusal of the command
