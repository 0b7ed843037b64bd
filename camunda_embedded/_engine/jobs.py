"""Jobs: made by tasks, activated by workers or pushed to their streams, timed out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from camunda_embedded._documents import dumps
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.incidents import Failure, Incidents
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import Line, reject
from camunda_embedded._engine.schedule import KeyQueue
from camunda_embedded._engine.state import TENANT, Job
from camunda_embedded._limits import MAX_BATCH, MAX_BATCH_JOBS

__all__ = ["PRIORITIES_SINCE", "Jobs", "Stream"]


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


#: The first line whose jobs have priorities.
PRIORITIES_SINCE: Line = (8, 10)
#: The bits of a rank that are the job's key.
_KEY = 2**63 - 1


def _rank(job: Job) -> int:
    """What waiting jobs are ordered by: the priority, highest first, and then the key."""
    return job.key - (job.priority << 63)


class Jobs:
    """All jobs by key, and those that wait for a worker by type."""

    def __init__(self, kernel: Kernel, incidents: Incidents) -> None:
        self._kernel = kernel
        self._incidents = incidents
        self.handlers: Handlers = {
            "JOB_BATCH ACTIVATE": self._activate_batch,
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
        self.record(job, "CREATED")
        self.make_activatable(job)

    def value(self, job: Job, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The record value of a job."""
        instance = job.instance
        newer = {"priority": job.priority} if self._kernel.line >= PRIORITIES_SINCE else {}
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
            "jobKind": job.kind,
            "jobListenerEventType": job.event,
            "elementId": job.shown_element or instance.element.id,
            "elementInstanceKey": instance.key,
            "processInstanceKey": instance.root.key,
            "bpmnProcessId": instance.definition.id,
            "processDefinitionVersion": instance.definition.version,
            "processDefinitionKey": instance.definition.key,
            "timeout": -1,
            "changedAttributes": [],
            "tenantId": TENANT,
            **newer,
        }

    def record(self, job: Job, intent: str, variables: dict[str, Any] | None = None) -> None:
        """Writes an event of the job; ``variables`` are those of the command that it comes from."""
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
        self._waiting.setdefault(job.type, KeyQueue()).add(_rank(job))
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
        self.record(command.subject, "YIELDED")
        self.make_activatable(command.subject)

    @property
    def streams(self) -> list[Stream]:
        """The streams that are registered."""
        return [stream for streams in self._streams.values() for stream in streams]

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
        self.lock(job, timeout)
        return self._visible(job, fetch)

    def lock(self, job: Job, timeout: int) -> None:
        """Leaves the job to its worker for so many milliseconds from now."""
        self._cancel_appointment(job)
        # The wire has 64 bits for it; where the real engine fails on what is beyond, the job is locked as long as can be said.
        job.deadline = min(self._kernel.now() + timeout, 2**63 - 1)
        self.appoint(job, job.deadline, "TIME_OUT")

    def appoint(self, job: Job, due: int, intent: str) -> None:
        """Lets the job be activatable again when the time comes, by a command of that intent."""
        job.appointment = self._kernel.schedule.at(due, partial(self._fall_due, job, intent))

    def _fall_due(self, job: Job, intent: str) -> Command[Job]:
        return Command("JOB", intent, job.key, self.value(job), job)

    def _happen(self, command: Command[Job]) -> None:
        job = command.subject
        state, event = _WHEN_DUE[command.intent]
        if job.state != state or job.key not in self.all:
            return  # something else that fell due at the same time has ended it
        self.record(job, event)
        self.make_activatable(job)

    @staticmethod
    def _visible(job: Job, fetch: Sequence[str]) -> dict[str, Any]:
        variables = job.instance.visible()
        if job.given:
            variables |= job.given
        return {name: value for name, value in variables.items() if name in fetch} if fetch else variables

    def activate(
        self, type_: str, worker: str, timeout: int, count: int, fetch: Sequence[str]
    ) -> list[tuple[Job, dict[str, Any]]]:
        """The command JOB_BATCH ACTIVATE: up to ``count`` jobs, by priority and then by age, each with its variables."""
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
        while waiting is not None and len(found) < most and (rank := waiting.first()) is not None:
            job = self.all[key := rank & _KEY]
            size += len(dumps(self._visible(job, fetch)))
            truncated = truncated or size > MAX_BATCH
            if size > MAX_BATCH and found:
                break
            if size > MAX_BATCH:
                waiting.discard(rank)
                self._incidents.create(job.instance, _too_large(key, size), job)
                size = 0
                continue
            waiting.discard(rank)
            found.append((job, self._activate(job, value["worker"], timeout, fetch)))
        if waiting is not None and not len(waiting):
            self._waiting.pop(type_, None)
        self.truncated = truncated
        answer = {**value, "jobKeys": [job.key for job, _ in found], "truncated": truncated}
        answer["jobs"] = [self.value(job, variables) for job, variables in found]
        self._kernel.event("JOB_BATCH", "ACTIVATED", self._kernel.next_key(), answer)
        return found

    def prioritize(self, job: Job, priority: int) -> None:
        """Gives a job another priority; one that waits changes its place."""
        waiting, rank = self._waiting.get(job.type), _rank(job)
        job.priority = priority
        if waiting is not None and rank in waiting:
            waiting.discard(rank)
            waiting.add(_rank(job))

    def waiting(self, type_: str) -> bool:
        """Whether a job of that type waits for a worker."""
        found = self._waiting.get(type_)
        return found is not None and len(found) > 0

    # --- the end ---

    def cancel(self, job: Job) -> None:
        """The job's task is going away."""
        self.record(job, "CANCELED")
        self.forget(job)
        self._incidents.close(job.incident)

    def leave_worker(self, job: Job) -> None:
        """Nobody has the job or waits for it any more."""
        self._cancel_appointment(job)
        waiting = self._waiting.get(job.type)
        if waiting is not None:
            waiting.discard(_rank(job))
            if not len(waiting):
                del self._waiting[job.type]

    def forget(self, job: Job) -> None:
        """Takes a finished job out of the state."""
        self.leave_worker(job)
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
