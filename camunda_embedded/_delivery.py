"""How jobs reach their workers: long polls that wait for them, and streams that they are pushed to."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from camunda_embedded._documents import dumps
from camunda_embedded._engine.engine import Engine
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.state import Job
from camunda_grpc._generated import gateway_pb2 as pb

__all__ = ["LONG_POLL", "JobStream", "Polls"]

#: Seconds that a poll waits when the request does not say how long.
LONG_POLL = 10.0
#: The numbers of the names, looked up for each job.
_KINDS = dict(pb.ActivatedJob.JobKind.items())
_EVENTS = dict(pb.ActivatedJob.ListenerEventType.items())


class _Waiter:
    """An activation that waits: woken when there may be a job, and when it is to end."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self.event = asyncio.Event()
        self.ended = False


class Polls:
    """Activations that wait for jobs of these engines, one for each tenant."""

    def __init__(self, *engines: Engine) -> None:
        self._engines = engines
        self._waiting: dict[str, list[_Waiter]] = {}
        for engine in engines:
            engine.jobs.on_available = self._wake

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def end(self, type_: str | None = None, worker: str | None = None) -> None:
        """Lets those that wait now end as if their time were over: all, or those for a type, or of a worker.

        A job that is there already is still given.
        """
        for waiter in self._all() if type_ is None else self._waiting.get(type_, ()):
            if worker is None or waiter.worker == worker:
                waiter.ended = True
                waiter.event.set()

    def _all(self) -> list[_Waiter]:
        return [waiter for waiters in self._waiting.values() for waiter in waiters]

    def _wake(self, type_: str) -> None:
        for waiter in self._waiting.get(type_, ()):
            waiter.event.set()

    @staticmethod
    def _activate(request: Any, engines: Sequence[Engine]) -> Any | None:
        found: list[Any] = []
        fetch = list(request.fetchVariable)
        for engine in engines:
            jobs, left = engine.jobs, request.maxJobsToActivate - len(found)
            if not left:
                break
            facts = request.type, request.worker, request.timeout, left
            some = jobs.activate(*facts, fetch)
            if (
                not some and jobs.truncated
            ):  # as the real gateway does: there may be others beside those too large
                some = jobs.activate(*facts, fetch)
            found += [activated_job(*each, engine.kernel) for each in some]
        return pb.ActivateJobsResponse(jobs=found) if found else None

    async def activate(self, request: Any, engines: Sequence[Engine] | None = None) -> Any | None:
        """The jobs that an ActivateJobsRequest asks for, waited for as long as it says;
        None when there were none. ``engines`` are those of its tenants, by default all.
        """
        if request.maxJobsToActivate < 1:
            return None
        engines = self._engines if engines is None else engines
        answer = self._activate(request, engines)
        if answer is not None or request.requestTimeout < 0:
            return answer
        loop = asyncio.get_running_loop()
        deadline = loop.time() + (request.requestTimeout / 1000 or LONG_POLL)
        waiter = _Waiter(request.worker)
        event = waiter.event
        waiters = self._waiting.setdefault(request.type, [])
        waiters.append(waiter)
        try:
            while (left := deadline - loop.time()) > 0:
                try:
                    await asyncio.wait_for(event.wait(), left)
                except asyncio.TimeoutError:
                    return None
                event.clear()
                there = any(engine.jobs.waiting(request.type) for engine in engines)
                answer = self._activate(request, engines) if there else None
                if answer is not None or waiter.ended:
                    return answer
            return None
        finally:
            waiters.remove(waiter)
            if not waiters:
                self._waiting.pop(request.type, None)
            if event.is_set():
                self._wake(request.type)  # the job that woke this poll is for another one


class JobStream:
    """A worker's stream: takes jobs while its buffer has room, gives back what did not leave it.

    ``engines`` are those of its tenants; ``deliver`` is called when it has taken a job.
    """

    #: Bytes of jobs that may wait for the worker to read on; about what the transport of a
    #: real gateway holds.
    CAPACITY = 4 * 1024 * 1024

    def __init__(self, engines: Sequence[Engine], request: Any, deliver: Callable[[], None]) -> None:
        self.type: str = request.type
        self.worker: str = request.worker
        self.timeout: int = request.timeout
        self.fetch: Sequence[str] = list(request.fetchVariable)
        self._engines = {engine.kernel.tenant: engine for engine in engines}
        self._deliver = deliver
        self._buffer: deque[Any] = deque()
        self._bytes = 0
        self._removes = [engine.jobs.add_stream(self) for engine in engines]

    def ready(self) -> bool:
        """Whether there is room for another job."""
        return self._bytes < self.CAPACITY

    def push(self, job: Job, variables: dict[str, Any]) -> None:
        """Takes a job."""
        message = activated_job(job, variables, next(iter(self._engines.values())).kernel)
        self._buffer.append(message)
        self._bytes += message.ByteSize()
        self._deliver()

    def take(self) -> Any | None:
        """The next job to be sent; None when there is none now."""
        if not self._buffer:
            return None
        message = self._buffer.popleft()
        self._bytes -= message.ByteSize()
        return message

    def close(self, *undelivered: Any) -> None:
        """Ends the stream; jobs that were not sent, and those ``undelivered`` ones, are free again."""
        for remove in self._removes:
            remove()
        given_back = [*undelivered, *self._buffer]
        self._buffer.clear()
        for message in given_back:
            self._engines[message.tenantId].jobs.give_back(message.key)


def activated_job(job: Job, variables: dict[str, Any], kernel: Kernel) -> Any:
    """The message for an activated job, as a gateway of the kernel's line fills it."""
    instance = job.instance
    # Older gateways do not know the field, and its zero is an event.
    known = kernel.line >= (8, 8)
    kind, event = (job.kind, job.event) if known else ("BPMN_ELEMENT", "ASSIGNING")
    return pb.ActivatedJob(
        key=job.key,
        type=job.type,
        processInstanceKey=instance.root.key,
        bpmnProcessId=instance.definition.id,
        processDefinitionVersion=instance.definition.version,
        processDefinitionKey=instance.definition.key,
        elementId=instance.element.id,
        elementInstanceKey=instance.key,
        customHeaders=dumps(job.headers),
        worker=job.worker,
        retries=job.retries,
        priority=job.priority,
        deadline=job.deadline,
        variables=dumps(variables),
        tenantId=kernel.owner(job.key),
        tags=instance.root.tags,
        kind=_KINDS[kind],
        userTask=_user_task(job),
        listenerEventType=_EVENTS[event],
    )


def _user_task(job: Job) -> Any:
    """What a task listener's job says of the user task; None for other jobs."""
    value = job.user_task
    if value is None:
        return None
    return pb.UserTaskProperties(
        action=value["action"],
        assignee=value["assignee"] or None,
        candidateGroups=value["candidateGroupsList"],
        candidateUsers=value["candidateUsersList"],
        changedAttributes=value["changedAttributes"],
        dueDate=value["dueDate"] or None,
        followUpDate=value["followUpDate"] or None,
        formKey=value["formKey"] if value["formKey"] > 0 else None,
        priority=value["priority"],
        userTaskKey=value["userTaskKey"],
    )
