"""Jobs: made by tasks, activated by workers, completed, failed, timed out; and streams, to which they are pushed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from camunda_embedded._documents import dumps
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.incidents import Failure, Incidents
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.schedule import KeyQueue
from camunda_embedded._engine.state import TENANT, Job
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.triggers import Triggers
from camunda_embedded._engine.variables import Variables
from camunda_embedded._limits import MAX_BATCH, MAX_BATCH_JOBS

__all__ = ["Jobs", "Stream"]


class Stream(Protocol):
    """A worker to which jobs are pushed as soon as they can be activated; ``timeout`` in milliseconds, no ``fetch`` for all."""

    type: str
    worker: str
    timeout: int
    fetch: Sequence[str]

    def ready(self) -> bool:
        """Whether it can take a job right now."""

    def push(self, job: Job, variables: dict[str, Any]) -> None:
        """Hands it a job that was activated for it."""


#: Of a command that time gives: the state in which the job must still be, and the event.
_WHEN_DUE = {
    "TIME_OUT": ("ACTIVATED", "TIMED_OUT"),
    "RECUR_AFTER_BACKOFF": ("BACKOFF", "RECURRED_AFTER_BACKOFF"),
}


class Jobs:
    """All jobs by key, and those that wait for a worker by type."""

    def __init__(
        self, kernel: Kernel, incidents: Incidents, variables: Variables, tree: Tree, triggers: Triggers
    ) -> None:
        self._kernel = kernel
        self._incidents = incidents
        self._variables = variables
        self._tree = tree
        self._triggers = triggers
        self.handlers: Handlers = {
            "JOB_BATCH ACTIVATE": self._activate_batch,
            "JOB COMPLETE": self._complete,
            "JOB FAIL": self._fail,
            "JOB THROW_ERROR": self._throw_error,
            "JOB UPDATE_RETRIES": self._update_retries,
            "JOB UPDATE_TIMEOUT": self._update_timeout,
            "JOB UPDATE": self._update,
            "JOB YIELD": self._yield,
            "JOB TIME_OUT": self._happen,
            "JOB RECUR_AFTER_BACKOFF": self._happen,
        }
        self.all: dict[int, Job] = {}
        self._waiting: dict[str, KeyQueue] = {}
        self._streams: dict[str, list[Stream]] = {}
        #: Whether the last activation left out jobs that are too large for it.
        self.truncated = False
        #: Called with a job type when jobs of it wait and no stream took them.
        self.on_available: Callable[[str], None] = lambda _: None

    # --- making ---

    def create(self, job: Job) -> None:
        """The job comes into being and waits for a worker."""
        self.all[job.key] = job
        job.instance.job = job
        self._record(job, "CREATED")
        self.make_activatable(job)

    def value(self, job: Job, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The record value of a job."""
        instance = job.instance
        return {
            "type": job.type,
            "retries": job.retries,
            "deadline": job.deadline,
            "worker": job.worker,
            "retryBackoff": job.retry_backoff,
            "recurringTime": job.recurring_time,
            "errorCode": job.error_code,
            "errorMessage": job.error_message,
            "customHeaders": job.headers,
            "variables": job.variables if variables is None else variables,
            "jobKind": "BPMN_ELEMENT",
            "jobListenerEventType": "UNSPECIFIED",
            "elementId": job.shown_element or instance.element.id,
            "elementInstanceKey": instance.key,
            "processInstanceKey": instance.root.key,
            "bpmnProcessId": instance.definition.id,
            "processDefinitionVersion": instance.definition.version,
            "processDefinitionKey": instance.definition.key,
            "timeout": -1,
            "changedAttributes": [],
            "tenantId": TENANT,
        }

    def _record(self, job: Job, intent: str, variables: dict[str, Any] | None = None) -> None:
        self._kernel.event("JOB", intent, job.key, self.value(job, variables))

    # --- handing out ---

    def make_activatable(self, job: Job) -> None:
        """Pushes the job to a stream that is ready, else lets it wait for a worker that asks."""
        job.state, job.shown_element = "ACTIVATABLE", ""
        self._cancel_appointment(job)
        streams = self._streams.get(job.type, [])
        for stream in streams:
            if stream.ready():
                streams.remove(stream)
                streams.append(stream)  # the next job goes to the next stream
                self._push(job, stream)
                return
        self._waiting.setdefault(job.type, KeyQueue()).add(job.key)
        self.on_available(job.type)

    def _push(self, job: Job, stream: Stream) -> None:
        variables = self._activate(job, stream.worker, stream.timeout, stream.fetch)
        value = self._batch(stream.type, stream.worker, stream.timeout, 1)
        value |= {"jobKeys": [job.key], "jobs": [self.value(job, variables)]}
        self._kernel.event("JOB_BATCH", "ACTIVATED", self._kernel.next_key(), value)
        stream.push(job, variables)

    def add_stream(self, stream: Stream) -> Callable[[], None]:
        """Registers a stream; returns what takes it off again."""
        self._streams.setdefault(stream.type, []).append(stream)

        def remove() -> None:
            streams = self._streams.get(stream.type, [])
            if stream in streams:
                streams.remove(stream)
                if not streams:
                    del self._streams[stream.type]

        return remove

    def give_back(self, key: int) -> None:
        """A job that was pushed and did not reach its worker: the command JOB YIELD."""
        job = self.all.get(key)
        if job is None or job.state != "ACTIVATED":
            return
        self._kernel.execute("JOB", "YIELD", key, self.value(job), job)

    def _yield(self, command: Command[Job]) -> None:
        self._record(command.subject, "YIELDED")
        self.make_activatable(command.subject)

    @property
    def streams(self) -> int:
        """How many streams are registered."""
        return sum(map(len, self._streams.values()))

    @staticmethod
    def _batch(type_: str, worker: str, timeout: int, count: int) -> dict[str, Any]:
        return {
            "type": type_,
            "worker": worker,
            "timeout": timeout,
            "maxJobsToActivate": count,
            "jobKeys": [],
            "jobs": [],
            "truncated": False,
            "tenantIds": [TENANT],
        }

    def _activate(self, job: Job, worker: str, timeout: int, fetch: Sequence[str]) -> dict[str, Any]:
        job.state, job.worker = "ACTIVATED", worker
        self._lock(job, timeout)
        return self._visible(job, fetch)

    def _lock(self, job: Job, timeout: int) -> None:
        self._cancel_appointment(job)
        # The wire has 64 bits for it; where the real engine fails on what is beyond, the job is locked as long as can be said.
        job.deadline = min(self._kernel.now() + timeout, 2**63 - 1)
        self._appoint(job, job.deadline, "TIME_OUT")

    def _appoint(self, job: Job, due: int, intent: str) -> None:
        """Lets the job be activatable again when the time comes, by a command of that intent."""
        job.appointment = self._kernel.schedule.at(due, partial(self._fall_due, job, intent))

    def _fall_due(self, job: Job, intent: str) -> Command[Job]:
        return Command("JOB", intent, job.key, self.value(job), job)

    def _happen(self, command: Command[Job]) -> None:
        job = command.subject
        state, event = _WHEN_DUE[command.intent]
        if job.state != state or job.key not in self.all:
            return  # something else that fell due at the same time has ended it
        self._record(job, event)
        self.make_activatable(job)

    @staticmethod
    def _visible(job: Job, fetch: Sequence[str]) -> dict[str, Any]:
        variables = job.instance.visible()
        return {name: value for name, value in variables.items() if name in fetch} if fetch else variables

    def activate(
        self, type_: str, worker: str, timeout: int, count: int, fetch: Sequence[str]
    ) -> list[tuple[Job, dict[str, Any]]]:
        """The command JOB_BATCH ACTIVATE: up to ``count`` jobs, oldest first, each with its variables."""
        value = self._batch(type_, worker, timeout, count)
        found: list[tuple[Job, dict[str, Any]]]
        found = self._kernel.execute("JOB_BATCH", "ACTIVATE", -1, value, fetch)
        return found

    def _activate_batch(self, command: Command[Sequence[str]]) -> list[tuple[Job, dict[str, Any]]]:
        value, fetch = command.value, command.subject
        type_, timeout = value["type"], value["timeout"]
        if not type_:
            raise reject("activate.type")
        if timeout < 1:
            raise reject("activate.timeout", timeout=timeout)
        found: list[tuple[Job, dict[str, Any]]] = []
        size, truncated, waiting = 0, False, self._waiting.get(type_)
        most = min(value["maxJobsToActivate"], MAX_BATCH_JOBS)
        while waiting is not None and len(found) < most and (key := waiting.first()) is not None:
            job = self.all[key]
            size += len(dumps(self._visible(job, fetch)))
            truncated = truncated or size > MAX_BATCH
            if size > MAX_BATCH and found:
                break
            if size > MAX_BATCH:
                waiting.discard(key)
                self._incidents.create(job.instance, _too_large(key, size), job)
                size = 0
                continue
            waiting.discard(key)
            found.append((job, self._activate(job, value["worker"], timeout, fetch)))
        if waiting is not None and not len(waiting):
            self._waiting.pop(type_, None)
        self.truncated = truncated
        answer = {**value, "jobKeys": [job.key for job, _ in found], "truncated": truncated}
        answer["jobs"] = [self.value(job, variables) for job, variables in found]
        self._kernel.event("JOB_BATCH", "ACTIVATED", self._kernel.next_key(), answer)
        return found

    def waiting(self, type_: str) -> bool:
        """Whether a job of that type waits for a worker."""
        found = self._waiting.get(type_)
        return found is not None and len(found) > 0

    # --- answers of workers ---

    def _execute(self, intent: str, key: int, subject: Any = None, **facts: Any) -> None:
        value: dict[str, Any] = {
            "type": "", "retries": -1, "deadline": -1, "worker": "", "retryBackoff": 0, "recurringTime": -1,
            "errorCode": "", "errorMessage": "", "customHeaders": {}, "variables": {}, "jobKind": "BPMN_ELEMENT",
            "jobListenerEventType": "UNSPECIFIED", "elementId": "", "elementInstanceKey": -1, "processInstanceKey": -1,
            "bpmnProcessId": "", "processDefinitionVersion": -1, "processDefinitionKey": -1, "timeout": -1,
            "changedAttributes": [], "tenantId": TENANT,
        }  # fmt: skip
        self._kernel.execute("JOB", intent, key, value | facts, subject)

    def _known(self, key: int, name: str) -> Job:
        job = self.all.get(key)
        if job is None:
            raise reject(f"{name}.missing", key=key)
        return job

    def _answerable(self, key: int, name: str) -> Job:
        job = self._known(key, name)
        if job.state in ("FAILED", "ERROR_THROWN", "BACKOFF"):
            state = "FAILED" if job.state == "BACKOFF" else job.state
            raise reject(f"{name}.state", key=key, state=state)
        return job

    def complete(self, key: int, variables: dict[str, Any]) -> None:
        """The command JOB COMPLETE."""
        self._execute("COMPLETE", key, variables=variables)

    def _complete(self, command: Command[None]) -> None:
        job, variables = self._answerable(command.key, "complete"), command.value["variables"]
        self._record(job, "COMPLETED", variables)
        self._forget(job)
        self._triggers.raise_own(job.instance, variables)
        self._tree.send_complete(job.instance)

    def fail(self, key: int, retries: int, message: str, backoff: int, variables: dict[str, Any]) -> None:
        """The command JOB FAIL; ``backoff`` in milliseconds."""
        given = {"retries": retries, "errorMessage": message, "retryBackoff": backoff, "variables": variables}
        self._execute("FAIL", key, **given)

    def _fail(self, command: Command[None]) -> None:
        job, value = self._answerable(command.key, "fail"), command.value
        retries, backoff, message = value["retries"], value["retryBackoff"], value["errorMessage"]
        self._leave_worker(job)
        job.retries, job.error_message, job.retry_backoff = retries, message, max(backoff, 0)
        if retries > 0 and backoff > 0:
            job.recurring_time = self._kernel.now() + backoff
        self._record(job, "FAILED", value["variables"])
        self._variables.set_all_local(job.instance, value["variables"])
        if retries <= 0:
            job.state = "FAILED"
            failure = Failure("JOB_NO_RETRIES", message or "No more retries left.")
            self._incidents.create(job.instance, failure, job)
        elif backoff > 0:
            job.state = "BACKOFF"
            self._appoint(job, job.recurring_time, "RECUR_AFTER_BACKOFF")
        else:
            self.make_activatable(job)

    def throw_error(self, key: int, code: str, message: str, variables: dict[str, Any]) -> None:
        """The command JOB THROW_ERROR."""
        self._execute("THROW_ERROR", key, errorCode=code, errorMessage=message, variables=variables)

    def _throw_error(self, command: Command[None]) -> None:
        job, value = self._answerable(command.key, "throw"), command.value
        code, message, variables = value["errorCode"], value["errorMessage"], value["variables"]
        self._leave_worker(job)
        job.state, job.error_code, job.error_message = "ERROR_THROWN", code, message
        catcher = self._triggers.find_catcher(job.instance, code, message)
        if isinstance(catcher, Failure):
            # The real engine names no element here, but this.
            job.shown_element = "NO_CATCH_EVENT_FOUND"
            self._record(job, "ERROR_THROWN", variables)
            self._incidents.create(job.instance, catcher, job, job.shown_element)
            return
        self._record(job, "ERROR_THROWN", variables)
        self._forget(job)
        host, event = catcher
        self._triggers.trigger(host, event, variables)

    def update_retries(self, key: int, retries: int) -> None:
        """The command JOB UPDATE_RETRIES."""
        self._execute("UPDATE_RETRIES", key, retries=retries)

    def _update_retries(self, command: Command[None]) -> None:
        key, retries = command.key, command.value["retries"]
        if retries < 1:
            raise reject("retries.amount", key=key, retries=retries)
        job = self._known(key, "update")
        job.retries = retries
        self._record(job, "RETRIES_UPDATED")

    def update_timeout(self, key: int, timeout: int) -> None:
        """The command JOB UPDATE_TIMEOUT; ``timeout`` in milliseconds from now."""
        self._execute("UPDATE_TIMEOUT", key, timeout)

    def _update_timeout(self, command: Command[int]) -> None:
        job = self._known(command.key, "update")
        if job.state != "ACTIVATED":
            raise reject("timeout.inactive", key=command.key)
        self._lock(job, command.subject)
        self._record(job, "TIMEOUT_UPDATED")

    def update(self, key: int, retries: int | None, timeout: int | None) -> None:
        """The command JOB UPDATE, which only the REST API sends: either, or both at once; ``timeout`` in milliseconds from now."""
        given = {"retries": retries, "timeout": timeout}
        changes = {name: value for name, value in given.items() if value is not None}
        self._execute("UPDATE", key, changes, **changes, changedAttributes=sorted(changes))

    def _update(self, command: Command[dict[str, int]]) -> None:
        job, changes = self._known(command.key, "update"), command.subject
        if changes.get("retries", 1) < 1:
            raise reject("retries.amount", key=command.key, retries=changes["retries"])
        if "timeout" in changes and job.state != "ACTIVATED":
            raise reject("update.inactive", key=command.key)
        job.retries = changes.get("retries", job.retries)
        if "timeout" in changes:
            self._lock(job, changes["timeout"])
        value = {**self.value(job), "changedAttributes": sorted(changes)}
        self._kernel.event("JOB", "UPDATED", command.key, value)

    # --- the end ---

    def cancel(self, job: Job) -> None:
        """The job's task is going away."""
        self._record(job, "CANCELED")
        self._forget(job)
        self._incidents.close(job.incident)

    def _leave_worker(self, job: Job) -> None:
        self._cancel_appointment(job)
        waiting = self._waiting.get(job.type)
        if waiting is not None:
            waiting.discard(job.key)
            if not len(waiting):
                del self._waiting[job.type]

    def _forget(self, job: Job) -> None:
        self._leave_worker(job)
        self.all.pop(job.key, None)
        job.instance.job = None

    def _cancel_appointment(self, job: Job) -> None:
        self._kernel.schedule.cancel(job.appointment)
        job.appointment = None


def _too_large(key: int, size: int) -> Failure:
    return Failure(
        "MESSAGE_SIZE_EXCEEDED",
        f"The job with key '{key}' can not be activated, because with {size / 2**20:.1f} MB it is larger than "
        "the configured message size (per default is 4 MB). Try to reduce the size by reducing the "
        "number of fetched variables or modifying the variable values.",
    )
