"""A REST gateway with a queue of jobs, just enough for the channels and clients: activate, complete, fail, topology."""

from __future__ import annotations

import re
import threading
import time
from typing import Any

from tests.fakes.rest import Exchange, RestServer, Step, answer, problem

_JOB = re.compile(r"/v2/jobs/(\d+)/(completion|failure|error)")


class JobGateway:
    """Every request is answered by ``self``; steps put into ``faults`` are played first.

    ``version``   what the topology says
    ``faults``    steps for the next requests to /jobs/activation
    """

    def __init__(self, version: str = "8.6.0") -> None:
        self.version = version
        self.faults: list[Step] = []
        self.available: list[dict[str, Any]] = []
        self.locked: dict[str, dict[str, Any]] = {}
        self.completed: list[str] = []
        self.returned: list[dict[str, Any]] = []
        self.activations: list[dict[str, Any]] = []
        self.polling = threading.Semaphore(0)
        self._changed = threading.Condition()
        self._server = RestServer()
        self._server.script(self._step)

    @property
    def address(self) -> str:
        return self._server.address

    @property
    def requests(self) -> list[Any]:
        return self._server.requests

    def add(self, count: int = 1, job_type: str = "work", first: int = 1) -> None:
        with self._changed:
            self.available += [_job(first + index, job_type) for index in range(count)]
            self._changed.notify_all()

    def __enter__(self) -> JobGateway:
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._server.stop()

    _stopped = False

    def _step(self, exchange: Exchange) -> bool:
        request = exchange.request
        if request.target == "/v2/topology":
            return answer(200, self._topology())(exchange)
        if request.target == "/v2/jobs/activation":
            with self._changed:
                fault = self.faults.pop(0) if self.faults else None
            return fault(exchange) if fault else self._activate(exchange, request.json)
        match = _JOB.fullmatch(request.target)
        if match:
            return self._answer_job(exchange, match[1], match[2])
        if request.target == "/v2/process-instances":
            return answer(200, _instance(request.json))(exchange)
        return problem(404, "Not Found")(exchange)

    def _activate(self, exchange: Exchange, body: dict[str, Any]) -> bool:
        self.polling.release()
        until = time.monotonic() + max(0, body.get("requestTimeout", 0)) / 1000
        with self._changed:
            self.activations.append(body)
            while not (jobs := self._matching(body)) and not self._stopped:
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            for job in jobs:
                self.available.remove(job)
                self.locked[job["jobKey"]] = job
        return answer(200, {"jobs": jobs})(exchange)

    def _matching(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        return [job for job in self.available if job["type"] == body["type"]][: body["maxJobsToActivate"]]

    def _answer_job(self, exchange: Exchange, key: str, what: str) -> bool:
        with self._changed:
            job = self.locked.pop(key, None)
            if job is not None and what == "failure":
                self.returned.append({"key": key, **exchange.request.json})
                self.available.append(job)
                self._changed.notify_all()
            elif job is not None:
                self.completed.append(key)
        if job is None:
            detail = f"Command 'COMPLETE' rejected with code 'NOT_FOUND': no such job {key}"
            return problem(404, "NOT_FOUND", detail)(exchange)
        return answer(204)(exchange)

    def _topology(self) -> dict[str, Any]:
        partition = {"partitionId": 1, "role": "leader", "health": "healthy"}
        broker = {"nodeId": 0, "host": "h", "port": 1, "version": self.version, "partitions": [partition]}
        return {
            "brokers": [broker],
            "clusterSize": 1,
            "partitionsCount": 1,
            "replicationFactor": 1,
            "gatewayVersion": self.version,
        }


def _job(key: int, job_type: str) -> dict[str, Any]:
    return {
        "jobKey": str(key),
        "type": job_type,
        "processInstanceKey": "7",
        "processDefinitionId": "p",
        "processDefinitionVersion": 1,
        "processDefinitionKey": "6",
        "elementId": "e",
        "elementInstanceKey": "8",
        "customHeaders": {},
        "worker": "w",
        "retries": 3,
        "deadline": 1,
        "variables": {"n": key},
        "tenantId": "<default>",
    }


def _instance(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "processDefinitionKey": "6",
        "processDefinitionId": body.get("processDefinitionId", "p"),
        "processDefinitionVersion": 1,
        "processInstanceKey": "7",
        "tenantId": "<default>",
        "variables": body.get("variables", {}),
    }
