"""Native user tasks do what those of a real 8.6.0 did, record by record, as far as its records were kept.

``user-tasks-8.6.0.json`` has two plays: ``commands`` (the records of the user task and of incidents alone, those of the creation in
full) and ``elements`` (all records around it, of their values what is not empty). It was recorded in November 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from camunda_embedded import EmbeddedGateway
from tests.scenarios.engine.models import END, START, element, headers, io, process

RECORDED: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[2] / "data" / "recorded" / "user-tasks-8.6.0.json").read_text(encoding="utf-8")
)
_NATIVE = "<zeebe:userTask/>"
_PROPERTIES = (
    '<zeebe:assignmentDefinition {}candidateGroups=\'=["sales","hr"]\' candidateUsers="ann,bob"/>'
    '<zeebe:taskSchedule dueDate="2030-01-01T10:20:30Z" followUpDate="=f"/>'
    '<zeebe:formDefinition externalReference="ext-1"/><zeebe:priorityDefinition priority="=prio"/>'
)
#: What the plays kept of values where they did not keep all.
_OF_COMMANDS = frozenset((
    "variables", "action", "changedAttributes", "assignee", "candidateGroupsList", "candidateUsersList",
    "dueDate", "followUpDate", "priority", "errorMessage", "errorType",
))  # fmt: skip
_OF_ELEMENTS = frozenset((
    "elementId", "bpmnElementType", "name", "value", "scopeKey", "assignee", "action", "formKey",
    "priority", "variables", "errorType", "errorMessage", "candidateGroupsList", "candidateUsersList",
    "dueDate", "type", "jobKind",
))  # fmt: skip
_KINDS = frozenset(["USER_TASK", "INCIDENT", "PROCESS_INSTANCE", "VARIABLE", "PROCESS_EVENT", "TIMER", "JOB"])
_FORM = '{"schemaVersion":16,"id":"form-a","components":[],"type":"default"}'
FLOWS = '<sequenceFlow id="f" sourceRef="s" targetRef="t"/><sequenceFlow id="g" sourceRef="t" targetRef="e"/>'


def model(*extra: str) -> str:
    return process("p", START, element("userTask", "t", _NATIVE, *extra), END, FLOWS)


class Keys:
    """Keys by the order of their appearance: what two gateways have in common of them."""

    def __init__(self) -> None:
        self._seen: dict[int, str] = {}

    def plain(self, value: Any) -> Any:
        if isinstance(value, bool):
            return value
        if isinstance(value, int) and value >= 2**51:
            return self._seen.setdefault(value, f"#{len(self._seen) + 1}")
        if isinstance(value, str):
            return re.sub(r"\d{16,}", lambda match: self.plain(int(match.group())), value)
        if isinstance(value, dict):
            return {k: self.plain(v) for k, v in sorted(value.items()) if k != "creationTimestamp"}
        return [self.plain(each) for each in value] if isinstance(value, list) else value


class Stage:
    """A gateway, and the records since the last look."""

    def __init__(self) -> None:
        self.gateway = EmbeddedGateway().start()
        self.seen = 0
        self.instance = 0

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        address = f"{self.gateway.rest_address}{path}"
        sent = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return requests.request(method, address, data=sent, headers=headers, timeout=10)

    def deploy(self, text: str, name: str = "p.bpmn") -> None:
        files = {"resources": (name, text.encode(), "text/xml")}
        assert requests.post(f"{self.gateway.rest_address}/v2/deployments", files=files, timeout=10).ok

    def start(self, **variables: Any) -> int:
        body = {"processDefinitionId": "p", "variables": variables}
        answer = self.ask("POST", "/v2/process-instances", body)
        self.instance = answer.json()["processInstanceKey"]
        return answer.status_code

    def new(self) -> list[dict[str, Any]]:
        records = [record for record in self.gateway.records() if record["position"] > self.seen]
        self.seen = records[-1]["position"] if records else self.seen
        return records

    def user_task(self) -> int:
        return max(r["key"] for r in self.gateway.records() if r["valueType"] == "USER_TASK")


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.gateway.stop()


def test_the_commands_of_a_user_task(stage: Stage) -> None:
    here, there = Keys(), Keys()

    def same(step: dict[str, Any]) -> None:
        found = []
        for record in stage.new():
            if record["valueType"] not in ("USER_TASK", "INCIDENT"):
                continue
            facts = {name: record[name] for name in ("recordType", "valueType", "intent")}
            if record["rejectionType"] != "NULL_VAL":
                facts["rejection"] = f"{record['rejectionType']}: {record['rejectionReason']}"
            if step["method"] is None:
                found.append({**facts, "key": record["key"], "value": record["value"]})
            else:
                value = {name: each for name, each in record["value"].items() if name in _OF_COMMANDS}
                found.append({**facts, "value": value})
        assert here.plain(found) == there.plain(step["records"]), step["do"]

    plays = iter(RECORDED["commands"])
    stage.deploy(model(_PROPERTIES.format(""), headers(h="v")))
    stage.new()
    stage.start(f="2029-01-01T00:00:00Z", prio=70)
    same({"method": None, **next(plays)})
    key = stage.user_task()
    for step in plays:
        if step["do"].startswith("start"):
            break
        path = step["path"].replace("{key}", str(key))
        answer = stage.ask(step["method"], path, step["body"])
        assert answer.status_code == step["status"], step["do"]
        if step["answer"] is not None:
            said = {name: answer.json()[name] for name in ("title", "detail")}
            assert here.plain(said) == there.plain(step["answer"])
        same(step)
    stage.deploy(model(_PROPERTIES.format('assignee="=who" '), headers(h="v")))
    for variables in (
        {"who": "zoe", "f": None, "prio": None},
        {"who": "zoe", "prio": 200},
        {"who": "zoe", "f": "not a date"},
    ):
        stage.start(**variables)
        same({"method": None, **step})
        step = next(plays, {})
    assert not step


def test_user_tasks_among_their_elements(stage: Stage) -> None:
    here, there = Keys(), Keys()
    plays = {step["do"]: step for step in RECORDED["elements"]}

    def same(name: str, status: int) -> None:
        step = plays.pop(name)
        found = [
            {
                "recordType": record["recordType"][:7],
                "valueType": record["valueType"],
                "intent": record["intent"],
                "key": 2**51 + record["key"] % 1000 if record["key"] > 0 else -1,
                "value": {
                    name: value
                    for name, value in record["value"].items()
                    if name in _OF_ELEMENTS and value not in ("", [], {}, -1)
                },
            }
            for record in stage.new()
            if record["valueType"] in _KINDS
        ]
        wanted = [{**each, "key": 2**51 + each["key"] if each["key"] > 0 else -1} for each in step["records"]]
        assert here.plain(found) == there.plain(wanted)
        assert status == step["status"]

    stage.deploy(model('<zeebe:formDefinition formId="form-a"/>', headers(h="v")))
    stage.new()
    same("start, form missing", stage.start())
    stage.deploy(_FORM, "a.form")
    stage.new()
    same("start, form there", stage.start())
    cancelled = stage.ask("POST", f"/v2/process-instances/{stage.instance}/cancellation", {})
    same("cancel instance", cancelled.status_code)
    assignment = '<zeebe:assignmentDefinition assignee="=who" candidateGroups="a, b"/>'
    stage.deploy(model(assignment, io("in =1 -> loc", "out =ok -> res"), headers(h="v")))
    stage.new()
    same("start, assignee from model", stage.start(who="zoe"))
    completed = stage.ask("POST", f"/v2/user-tasks/{stage.user_task()}/completion")
    same("complete without body", completed.status_code)
    same("start, assignee null", stage.start(who=None))
    same("start, no variable", stage.start())
    assert not plays
