"""The log of an embedded gateway as a source: it works in every dialect, and costs nothing before it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from camunda_embedded._engine.engine import Engine
from camunda_embedded._mocking import Rehearsing
from camunda_embedded._records import EVENT, Record
from camunda_embedded.testing._facts import (
    DecisionFacts,
    ElementFacts,
    IncidentFacts,
    InstanceFacts,
    JobFacts,
    UserTaskFacts,
)

__all__ = ["Ledger", "LogSource"]

_ENDED = {"ELEMENT_COMPLETED": "COMPLETED", "ELEMENT_TERMINATED": "TERMINATED"}
_JOBS = {
    "CREATED": "CREATED",
    "COMPLETED": "COMPLETED",
    "FAILED": "FAILED",
    "TIMED_OUT": "TIMED_OUT",
    "CANCELED": "CANCELED",
    "ERROR_THROWN": "ERROR_THROWN",
    "RETRIES_UPDATED": "RETRIES_UPDATED",
    "MIGRATED": "MIGRATED",
}
_TASKS = {"COMPLETED": "COMPLETED", "CANCELED": "CANCELED", "CREATING": "CREATING", "CREATED": "CREATED"}


class Ledger:
    """Instances as records tell of them, the newest last."""

    def __init__(self) -> None:
        self.instances: dict[str, InstanceFacts] = {}
        self.seen = 0
        #: Types of jobs that somebody has asked for.
        self.asked: set[str] = set()
        self._elements: dict[str, ElementFacts] = {}
        self._incidents: dict[str, IncidentFacts] = {}
        self._jobs: dict[str, JobFacts] = {}
        self._tasks: dict[str, UserTaskFacts] = {}
        self._takes: dict[str, Callable[[InstanceFacts, Record], None]] = {
            "PROCESS_INSTANCE": self._element,
            "VARIABLE": self._variable,
            "INCIDENT": self._incident,
            "JOB": self._job,
            "USER_TASK": self._task,
            "DECISION_EVALUATION": self._decision,
        }

    def take(self, records: list[Record]) -> None:
        """Takes in the records that follow."""
        for record in records:
            self.seen = record.position
            if record.value_type == "JOB_BATCH":
                self.asked.add(record.value["type"])
            take = self._takes.get(record.value_type)
            if take is None or record.record_type != EVENT:
                continue
            key = str(record.value.get("processInstanceKey", -1))
            instance = self.instances.get(key)
            if instance is None:
                if key in ("-1", "0"):
                    continue
                instance = InstanceFacts(key=key, process_id=record.value.get("bpmnProcessId", ""))
                self.instances[key] = instance
            take(instance, record)

    def forget_ended(self, most: int) -> None:
        """Keeps only the newest ``most`` of the instances that have ended."""
        ended = [each for each in self.instances.values() if each.state != "ACTIVE"]
        for instance in ended[: max(len(ended) - most, 0)]:
            del self.instances[instance.key]
            for kept, gone in (
                (self._elements, instance.elements),
                (self._incidents, instance.incidents),
                (self._jobs, instance.jobs),
                (self._tasks, instance.user_tasks),
            ):
                for each in gone:
                    kept.pop(each.key, None)

    def _element(self, instance: InstanceFacts, record: Record) -> None:
        value, key, intent = record.value, str(record.key), record.intent
        if key == instance.key:
            instance.state = _ENDED.get(intent, instance.state)
            instance.process_id = value["bpmnProcessId"]
            parent = value.get("parentProcessInstanceKey", -1)
            instance.parent = "" if parent == -1 else str(parent)
        elif intent == "SEQUENCE_FLOW_TAKEN":
            instance.flows.append(value["elementId"])
        elif intent == "ELEMENT_ACTIVATING":
            found = ElementFacts(key=key, id=value["elementId"], type=value["bpmnElementType"])
            self._elements[key] = found
            instance.elements.append(found)
        elif intent in _ENDED or intent == "ELEMENT_MIGRATED":
            run = self._elements.get(key)
            if run is not None:
                run.id, run.state, run.ended = (
                    value["elementId"],
                    _ENDED.get(intent, run.state),
                    record.position,
                )

    def _variable(self, instance: InstanceFacts, record: Record) -> None:
        scope, value = str(record.value["scopeKey"]), json.loads(record.value["value"])
        where = instance.variables if scope == instance.key else instance.local.setdefault(scope, {})
        where[record.value["name"]] = value

    def _incident(self, instance: InstanceFacts, record: Record) -> None:
        value, key = record.value, str(record.key)
        if record.intent == "CREATED":
            self._incidents[key] = IncidentFacts(
                key=key, element_id=value["elementId"], type=value["errorType"], message=value["errorMessage"]
            )
            instance.incidents.append(self._incidents[key])
        elif record.intent == "RESOLVED" and key in self._incidents:
            self._incidents[key].state = "RESOLVED"

    def _job(self, instance: InstanceFacts, record: Record) -> None:
        value, key = record.value, str(record.key)
        job = self._jobs.get(key)
        if job is None:
            job = self._jobs[key] = JobFacts(
                key=key,
                type=value["type"],
                element_id=value["elementId"],
                element_key=str(value["elementInstanceKey"]),
                state="CREATED",
                retries=value["retries"],
            )
            instance.jobs.append(job)
        job.state, job.retries = _JOBS.get(record.intent, job.state), value["retries"]
        job.worker, job.error = value["worker"], value["errorMessage"]

    def _task(self, instance: InstanceFacts, record: Record) -> None:
        value, key = record.value, str(record.key)
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = UserTaskFacts(key=key, element_id=value["elementId"], state="CREATING")
            instance.user_tasks.append(task)
        task.state = _TASKS.get(record.intent, task.state)
        if record.intent not in ("CREATING", "CREATED", "ASSIGNED", "UPDATED", "MIGRATED", "CORRECTED"):
            return
        task.assignee = value.get("assignee", task.assignee)
        task.candidate_groups = tuple(value.get("candidateGroupsList", task.candidate_groups))
        task.candidate_users = tuple(value.get("candidateUsersList", task.candidate_users))
        task.priority = value.get("priority", task.priority)
        task.due_date = value.get("dueDate", task.due_date)
        task.follow_up_date = value.get("followUpDate", task.follow_up_date)

    @staticmethod
    def _decision(instance: InstanceFacts, record: Record) -> None:
        value = record.value
        failed = record.intent == "FAILED"
        for each in value["evaluatedDecisions"]:
            mine = failed and each["decisionId"] == value["failedDecisionId"]
            instance.decisions.append(
                DecisionFacts(
                    id=each["decisionId"],
                    output=None if mine else _output(each["decisionOutput"]),
                    failure=value["evaluationFailureMessage"] if mine else "",
                )
            )


def _output(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


class LogSource:
    """Reads what an embedded gateway has written."""

    def __init__(self, gateway: Rehearsing) -> None:
        self.patience = 2.0
        self._gateway = gateway
        self._ledger = Ledger()

    def _engines(self) -> Sequence[Engine]:
        return self._gateway._known_engines()

    def _read(self) -> Ledger:
        log = self._engines()[0].kernel.log
        if log.position < self._ledger.seen:  # it was started anew
            self._ledger = Ledger()
        seen = self._ledger.seen
        self._ledger.take(self._gateway.run(lambda: log.since(seen)))
        return self._ledger

    def instance(self, key: str) -> InstanceFacts | None:
        """What the log says of an instance."""
        return self._read().instances.get(key)

    def newest(self, process_id: str, parent: str = "") -> str | None:
        """The key of the newest instance of a process."""
        found = [
            each.key
            for each in self._read().instances.values()
            if each.process_id == process_id and (not parent or each.parent == parent)
        ]
        return found[-1] if found else None

    def settle(self) -> None:
        """Waits until what follows from the calls so far is done, mock workers included."""
        self._gateway.settle()

    def at_rest(self) -> bool:
        """Whether no job is with a worker, or on its way to one."""
        asked, engines = self._read().asked, self._engines()
        return not self._gateway.run(
            lambda: any(
                job.type in asked and job.state in ("ACTIVATABLE", "ACTIVATED")
                for engine in engines
                for job in engine.jobs.all.values()
            )
        )

    def now(self) -> int:
        """The time of the gateway's clock."""
        return self._gateway.clock.now()

    def move(self, until: int) -> bool:
        """Moves the clock to what is due next."""
        engines = self._engines()
        dues = self._gateway.run(lambda: [each.kernel.schedule.next_due() for each in engines])
        due = min((each for each in dues if each is not None), default=None)
        if due is None or due > until:
            return False
        self._gateway.advance(max(due - self.now(), 0) / 1000)
        return True
