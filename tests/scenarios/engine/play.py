"""Plays a scenario on a gateway and writes down everything that can be seen: answers, rejections, and the engine's records.

Keys become numbers in the order of their appearance, times become distances, and what has no defined order (the variables of one
document) is sorted: two gateways that behave alike give the same trace, line by line.
"""

from __future__ import annotations

import json
import math
import re
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import grpc
import requests

from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc

Scenario = Callable[["Play"], None]
SCENARIOS: dict[str, Scenario] = {}

_FIRST_KEY = 2**51
_KEY_TEXT = re.compile(r"\d{16,}")
_FEEL_ERROR = re.compile(r"(failed to parse expression '[^\n]*?'): [^\n]*")
_TYPES = re.compile(r"(?<=Supported element types are: )\[([^]]*)]")  # a set, in no defined order
_BLOCK = re.compile(r"- Element: [^\n]*\n(?:    - ERROR: [^\n]*\n)+")
_BLOCKS = re.compile(f"(?:{_BLOCK.pattern})+")  # errors of a model, in no defined order
_LONG = re.compile(r"(.)\1{99,}")
_FAR = 7200  # seconds: how far off a date is, and a cron expression fires, changes from day to day
_DROPPED = frozenset(
    {
        "resource",
        "resources",
        "checksum",
        "tenantId",
        "tenantIds",
        "timestamp",
        "creationTimestamp",
        "deadline",
        "recurringTime",
        "timeout",
        "index",
    }
    | {
        "callingElementPath",
        "changedAttributes",
        "jobKind",
        "jobListenerEventType",
        "jobs",
        "fetchVariables",
        "evaluatedDecisions",
    }
)
_EMPTY: tuple[Any, ...] = ("", None, [], {}, -1, False)


def scenario(function: Scenario) -> Scenario:
    """Adds a function to the corpus; its name says what holds."""
    if function.__name__ in SCENARIOS:
        raise ValueError(f"two scenarios of the name {function.__name__}")
    SCENARIOS[function.__name__] = function
    return function


class Plain(NamedTuple):
    """An answer over REST."""

    status: int
    body: dict[str, Any]


class Rejection(str):
    """How a call was refused."""


class Play:
    """A scenario's view of a gateway: short forms of the calls, each written down with its answer."""

    def __init__(self, gateway: Any) -> None:
        self._gateway = gateway
        self._channel = grpc.insecure_channel(gateway.grpc_address)
        self._stub = gateway_pb2_grpc.GatewayStub(self._channel)
        self._lines: list[str] = []
        self._keys: dict[int, str] = {}
        self._answers: list[tuple[str, Any]] = []
        self._seen = 0
        self._immediate = getattr(gateway, "immediate", False)
        self.settle()
        self._seen = self._position()

    @property
    def rest_address(self) -> str:
        """Where the gateway is over REST."""
        return str(self._gateway.rest_address)

    # --- calls ---

    def call(self, rpc: str, **fields: Any) -> Any:
        """Any RPC; a rejection is an answer."""
        request = getattr(pb, f"{rpc}Request")(**fields)
        answer: Any
        try:
            answer = getattr(self._stub, rpc)(request, timeout=30)
            if rpc == "ActivateJobs":
                answer = [job for part in answer for job in part.jobs]
        except grpc.RpcError as error:
            answer = Rejection(f"{error.code().name}: {error.details()}")
        self._answers.append((rpc, answer))
        return answer

    def rest(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """A request to the REST API; a refusal is an answer."""
        return self._noted(*self._asked(method, path, body))

    def _asked(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[str, int, dict[str, Any]]:
        answer = requests.request(method, f"{self._gateway.rest_address}/v2{path}", json=body, timeout=30)
        found = answer.json() if answer.content else {}
        return f"{method} {_KEY_TEXT.sub('{key}', path)}", answer.status_code, found

    def _noted(self, call: str, status: int, found: dict[str, Any]) -> dict[str, Any]:
        shown = {name: found[name] for name in ("title", "detail") if name in found} or found
        self._answers.append((call, Plain(status, shown)))
        return found

    def begin_rest(self, method: str, path: str, body: dict[str, Any] | None = None) -> Callable[[], Any]:
        """A request that waits at the server; what is returned waits for its answer."""
        seen, found = self._position(), []
        thread = threading.Thread(target=lambda: found.append(self._asked(method, path, body)), daemon=True)
        thread.start()
        for _ in range(200):
            if self._position() > seen:
                break
            time.sleep(0.02)

        def answered() -> Any:
            thread.join(30)
            return self._noted(*found[0])

        return answered

    def begin(self, rpc: str, **fields: Any) -> Callable[[], Any]:
        """An RPC that waits at the server; what is returned waits for its answer."""
        request, seen = getattr(pb, f"{rpc}Request")(**fields), self._position()
        call = getattr(self._stub, rpc).future(request, timeout=30)
        for _ in range(200):
            if self._position() > seen:
                break
            time.sleep(0.02)

        def answered() -> Any:
            answer: Any
            try:
                answer = call.result()
            except grpc.RpcError as error:
                answer = Rejection(f"{error.code().name}: {error.details()}")
            self._answers.append((rpc, answer))
            return answer

        self.settle()
        return answered

    def deploy(self, *models: str, name: str = "model.bpmn") -> Any:
        resources = [
            pb.Resource(name=f"{i}-{name}" if i else name, content=model.encode())
            for i, model in enumerate(models)
        ]
        return self.call("DeployResource", resources=resources)

    def create(self, process_id: str, /, **variables: Any) -> Any:
        return self.call(
            "CreateProcessInstance", bpmnProcessId=process_id, version=-1, variables=json.dumps(variables)
        )

    def jobs(
        self, type: str, count: int = 10, timeout: int = 3_600_000, fetch: tuple[str, ...] = ()
    ) -> list[Any]:
        return list(
            self.call(
                "ActivateJobs",
                type=type,
                worker="w",
                timeout=timeout,
                maxJobsToActivate=count,
                requestTimeout=-1,
                fetchVariable=fetch,
            )
        )

    def complete(self, job: Any, **variables: Any) -> Any:
        return self.call("CompleteJob", jobKey=job.key, variables=json.dumps(variables))

    def work(self, type: str, **variables: Any) -> None:
        """Activates one job and completes it."""
        self.complete(self.jobs(type, 1)[0], **variables)

    def fail(self, job: Any, retries: int, **fields: Any) -> Any:
        return self.call("FailJob", jobKey=job.key, retries=retries, **fields)

    def throw(self, job: Any, code: str, message: str = "", **variables: Any) -> Any:
        return self.call(
            "ThrowError",
            jobKey=job.key,
            errorCode=code,
            errorMessage=message,
            variables=json.dumps(variables),
        )

    def publish(self, name: str, key: str = "", ttl: int = 0, id: str = "", **variables: Any) -> Any:
        answer = self.call(
            "PublishMessage",
            name=name,
            correlationKey=key,
            timeToLive=ttl,
            messageId=id,
            variables=json.dumps(variables),
        )
        self.settle()
        return answer

    def broadcast(self, name: str, **variables: Any) -> Any:
        answer = self.call("BroadcastSignal", signalName=name, variables=json.dumps(variables))
        self.settle()
        return answer

    def cancel(self, instance: Any) -> Any:
        return self.call("CancelProcessInstance", processInstanceKey=instance.processInstanceKey)

    def set_variables(self, key: int, local: bool = False, **variables: Any) -> Any:
        return self.call("SetVariables", elementInstanceKey=key, local=local, variables=json.dumps(variables))

    def resolve(self, key: int) -> Any:
        answer = self.call("ResolveIncident", incidentKey=key)
        self.settle()
        return answer

    def advance(self, seconds: float) -> None:
        """Moves the clock and waits for what falls due."""
        self.settle()
        self._gateway.clock.add(seconds)
        if not self._immediate:
            time.sleep(0.7)  # how long it may take to look at its clock again
        self.settle()

    # --- looking ---

    def settle(self) -> None:
        """Waits until nothing happens any more."""
        if self._immediate:
            return
        seen, quiet = -1, 0
        for _ in range(200):
            position = self._position()
            quiet = quiet + 1 if position == seen else 0
            if quiet >= 4:
                return
            seen = position
            time.sleep(0.06)

    def _position(self) -> int:
        """The position of the newest record."""
        newest = self._gateway.records(since=self._seen)[-1:]
        return int(newest[0]["position"]) if newest else self._seen

    def records(self) -> list[dict[str, Any]]:
        """The records of this scenario so far."""
        self.settle()
        return list(self._gateway.records(since=self._seen))

    def ended(self, instance: Any) -> bool:
        """Whether a process instance has come to its end."""
        key = instance.processInstanceKey
        return any(r["key"] == key and r["intent"] == "ELEMENT_COMPLETED" for r in self.records())

    def incident(self) -> int:
        """The key of the newest incident."""
        return max(
            int(r["key"]) for r in self.records() if r["valueType"] == "INCIDENT" and r["intent"] == "CREATED"
        )

    def job(self) -> int:
        """The key of the newest job."""
        return max(
            int(r["key"]) for r in self.records() if r["valueType"] == "JOB" and r["intent"] == "CREATED"
        )

    def user_task(self) -> int:
        """The key of the newest native user task."""
        return max(int(r["key"]) for r in self.records() if r["valueType"] == "USER_TASK")

    def element(self, element_id: str) -> int:
        """The key of the newest instance of an element."""
        return max(
            int(r["key"])
            for r in self.records()
            if r["intent"] == "ELEMENT_ACTIVATING" and r["value"]["elementId"] == element_id
        )

    # --- the trace ---

    def trace(self) -> list[str]:
        """Everything seen; ends the play and what it left running."""
        records = self.records()
        lines = [self._record(record) for record in _in_order(records)]
        answers = [self._answer(rpc, answer) for rpc, answer in self._answers]
        self._clean(records)
        self._channel.close()
        trace = ["answers", *(f"  {line}" for line in answers), "records", *(f"  {line}" for line in lines)]
        return [_LONG.sub(lambda found: f"{found[1]}×{len(found[0])}", line) for line in trace]

    def _clean(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            value = record["value"]
            if record["intent"] == "ELEMENT_ACTIVATING" and value["bpmnElementType"] == "PROCESS":
                self.call("CancelProcessInstance", processInstanceKey=record["key"])
        for record in records:
            if record["valueType"] == "PROCESS" and record["intent"] == "CREATED":
                self.call("DeleteResource", resourceKey=record["key"])
        self.settle()

    def _key(self, key: int) -> str:
        return self._keys.setdefault(key, f"#{len(self._keys) + 1}")

    def _plain(self, value: Any) -> Any:
        if isinstance(value, bool):
            return value
        if isinstance(value, int) and value >= _FIRST_KEY:
            return self._key(value)
        if isinstance(value, str):
            text = _TYPES.sub(lambda found: f"[{', '.join(sorted(found.group(1).split(', ')))}]", value)
            text = _BLOCKS.sub(lambda found: "".join(sorted(_BLOCK.findall(found.group()))), text)
            text = _FEEL_ERROR.sub(r"\1: …", text)
            return _KEY_TEXT.sub(lambda match: self._key(int(match.group())), text)
        if isinstance(value, dict):
            if "ancestorScopeKeys" in value:  # a set
                value = value | {"ancestorScopeKeys": sorted(value["ancestorScopeKeys"])}
            found = {k: v for k, v in value.items() if k not in _DROPPED}
            return {
                k: json.dumps(v, sort_keys=True) if k == "variables" else self._plain(v)
                for k, v in sorted(found.items())
                if not _is_empty(v)
            }
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        return value

    def _record(self, record: dict[str, Any]) -> str:
        kind = {"COMMAND": ">", "EVENT": " ", "COMMAND_REJECTION": "X"}[record["recordType"]]
        key = self._key(record["key"]) if record["key"] >= _FIRST_KEY else "-"
        value = dict(record["value"])
        if kind != " " and record["valueType"].endswith("MESSAGE_SUBSCRIPTION"):
            # What one partition tells another about a subscription: only which one is meant.
            value = {name: value[name] for name in ("elementInstanceKey", "messageName")}
        if kind == "X" and record["valueType"] == "DEPLOYMENT":
            value = {}
        if record["valueType"] == "TIMER":
            # The real engine takes a moment to fire a timer, on a busy machine some seconds: the next of a cycle is nearer then.
            span = 5 * math.ceil((value["dueDate"] - record["timestamp"] - 500) / 5000)
            value["dueDate"] = min(max(span, -5), _FAR) if record["intent"] == "CREATED" else None
        if record["valueType"] == "PROCESS_INSTANCE":
            scope = self._plain(value["flowScopeKey"])
            shown = f"{value['elementId']} {value['bpmnElementType']}/{value['bpmnEventType']} in {scope}"
        else:
            shown = json.dumps(self._plain(value), ensure_ascii=False)
        rejection = (
            f" {record['rejectionType']}: {self._plain(record['rejectionReason'])}" if kind == "X" else ""
        )
        return f"{kind} {record['valueType']} {record['intent']} {key} {shown}{rejection}".replace(
            "\n", "\\n"
        )

    def _answer(self, rpc: str, answer: Any) -> str:
        if isinstance(answer, list):
            return f"{rpc}: {[self._message(item) for item in answer]}"
        if isinstance(answer, Rejection):
            return f"{rpc}: {self._plain(str(answer))!r}"
        if isinstance(answer, Plain):
            return f"{rpc}: {answer.status} {self._plain(answer.body) or ''}".rstrip()
        return f"{rpc}: {self._message(answer)}"

    def _message(self, message: Any) -> Any:
        found: dict[str, Any] = {}
        for field, value in message.ListFields():
            if field.name == "variables":
                found[field.name] = json.dumps(json.loads(value), sort_keys=True)
            elif field.name == "customHeaders":  # the key of a form is one
                found[field.name] = json.dumps(self._plain(json.loads(value)), sort_keys=True)
            elif hasattr(value, "ListFields"):
                found[field.name] = self._message(value)
            elif hasattr(value, "append") and len(value) and hasattr(value[0], "ListFields"):
                found[field.name] = [self._message(item) for item in value]
            elif field.name not in _DROPPED:
                found[field.name] = self._plain(value)
        return found


def _is_empty(value: Any) -> bool:
    return any(value is empty or (value == empty and type(value) is type(empty)) for empty in _EMPTY)


def _in_order(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Variables that follow each other in one command are sorted by scope and name."""
    found: list[dict[str, Any]] = []
    run: list[dict[str, Any]] = []
    for record in records:
        if record["valueType"] == "VARIABLE" and (
            not run or run[0]["sourceRecordPosition"] == record["sourceRecordPosition"]
        ):
            run.append(record)
            continue
        found += sorted(run, key=_scope_and_name)
        run = [record] if record["valueType"] == "VARIABLE" else []
        if not run:
            found.append(record)
    return found + sorted(run, key=_scope_and_name)


def _scope_and_name(record: dict[str, Any]) -> tuple[int, str]:
    return -record["value"]["scopeKey"], record["value"]["name"]
