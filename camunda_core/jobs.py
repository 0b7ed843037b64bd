"""Jobs as both wires give them, and the small protocol by which a worker talks to either.

``client.job_wire()`` gives ``JobWires``, of any client and of either wire: connections of the
worker's own, with that client's settings, for the event loop that is running; ``of`` picks the
``JobWire`` for a job type. A wire makes one attempt per call and raises what failed as a class of
``camunda_core.errors``: what to repeat, and when, is the worker's to know.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from camunda_core.errors import CamundaError

__all__ = [
    "ActivatedJob",
    "EpochSeconds",
    "JobFeed",
    "JobRequest",
    "JobWire",
    "JobWires",
    "KeyText",
    "UnreadableJob",
    "UserTask",
    "WireSource",
    "give_back",
]

log = logging.getLogger("camunda_core")

#: A key in an answer: always decimal digits.
KeyText = Annotated[str, "key"]
#: A moment in an answer: seconds since the epoch, as ``time.time()`` counts them.
EpochSeconds = float


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTask:
    """The user task that a task listener's job is about. None is "the cluster did not say"."""

    action: str | None = None
    assignee: str | None = None
    candidate_groups: tuple[str, ...] = ()
    candidate_users: tuple[str, ...] = ()
    changed_attributes: tuple[str, ...] = ()
    due_date: str | None = None
    follow_up_date: str | None = None
    form_key: KeyText | None = None
    priority: int | None = None
    user_task_key: KeyText | None = None


@dataclass(slots=True, kw_only=True)
class ActivatedJob:
    """A job that is locked for its activator until ``deadline`` (seconds since the
    epoch, as ``time.time()``).

    Read it, and leave it as it is: what answers a job goes by these fields. (It is not frozen,
    because a frozen one takes four times as long to make.)

    ``kind`` is BPMN_ELEMENT, EXECUTION_LISTENER, TASK_LISTENER or AD_HOC_SUB_PROCESS;
    ``listener_event_type`` is UNSPECIFIED where no listener is meant, and always on clusters
    before 8.8. ``root_process_instance_key``, ``business_id`` and ``physical_tenant_id`` are
    *REST only* (8.9, 8.10).
    """

    job_key: KeyText
    type: str = ""
    process_instance_key: KeyText = ""
    process_definition_id: str = ""
    process_definition_version: int = 0
    process_definition_key: KeyText = ""
    element_id: str = ""
    element_instance_key: KeyText = ""
    custom_headers: dict[str, Any] = field(default_factory=dict)
    worker: str = ""
    retries: int = 0
    deadline: EpochSeconds = 0.0
    variables: dict[str, Any] = field(default_factory=dict)
    tenant_id: str = ""
    user_task: UserTask | None = None
    kind: str = "BPMN_ELEMENT"
    listener_event_type: str = "UNSPECIFIED"
    tags: tuple[str, ...] = ()
    priority: int = 0
    job_lease_token: str | None = None
    root_process_instance_key: KeyText = field(default="", compare=False)
    business_id: str = field(default="", compare=False)
    physical_tenant_id: str = field(default="", compare=False)


@dataclass(slots=True, init=False, eq=False, repr=False)
class UnreadableJob(ActivatedJob):
    """A job that is locked for us and cannot be read, for the reason ``why``.

    Known is what it takes to fail it, so that it shows: key, ``type``, ``retries`` (1 where they
    cannot be read) and lease token.
    """

    why: str = ""

    # By hand, because to have them written anew for all fields of a job takes a process longer at
    # its start than any other class of a worker.

    def __init__(self, *, why: str = "", **known: Any) -> None:
        ActivatedJob.__init__(self, **known)
        self.why = why

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UnreadableJob):
            return NotImplemented
        return ActivatedJob.__eq__(self, other) and self.why == other.why

    def __repr__(self) -> str:
        return f"{ActivatedJob.__repr__(self)[:-1]}, why={self.why!r})"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """Which jobs are wanted, and for how many seconds each is locked (``timeout``).

    No ``fetch_variables`` are all of them, no ``tenant_ids`` the default tenant's jobs.
    """

    type: str
    worker: str
    timeout: float
    fetch_variables: tuple[str, ...] = ()
    tenant_ids: tuple[str, ...] = ()


class JobFeed(Protocol):
    """An open job stream."""

    async def read(self) -> ActivatedJob:
        """The next job; it is asked for only now, so that flow control holds back what nobody reads.

        Raises a CamundaError when the stream has ended, however it did.
        """

    def cancel(self) -> None:
        """Ends the stream; the gateway gives back what it has not sent."""


class JobWire(Protocol):
    """What a worker needs of a wire. Lengths of time are seconds; ``timeout`` is the
    limit of the one attempt.

    A job that came and cannot be read is an ``UnreadableJob`` among the others; one without a key
    is logged and left out.

    ``variables`` is the text of a JSON object, "" for none. Every call raises a CamundaError when it fails.
    """

    #: "gRPC" or "REST", for logs.
    name: str
    #: Whether jobs can be pushed here: what ``stream`` needs.
    pushes: bool
    #: Whether a poll may be cancelled. If not, one that was left alone takes the next jobs, for nobody.
    cancels: bool

    async def activate(
        self, request: JobRequest, max_jobs: int, *, wait: float, timeout: float
    ) -> Sequence[ActivatedJob]:
        """Takes at most ``max_jobs`` jobs; the server waits ``wait`` seconds for the
        first one, 0 is not at all.
        """

    async def stream(self, request: JobRequest) -> JobFeed:
        """Opens a job stream, which brings jobs that become available from now on."""

    async def complete(self, job: ActivatedJob, variables: str, *, timeout: float) -> None:
        """Completes a job."""

    async def fail(
        self, job: ActivatedJob, *, retries: int, message: str, backoff: float, variables: str, timeout: float
    ) -> None:
        """Fails a job, which is tried again after ``backoff`` if ``retries`` are left; without any
        an incident is raised.
        """

    async def throw_error(
        self, job: ActivatedJob, *, code: str, message: str, variables: str, timeout: float
    ) -> None:
        """Throws a BPMN error from a job."""

    async def extend(self, job: ActivatedJob, seconds: float, *, timeout: float) -> None:
        """Locks a job for so many seconds from now."""

    def reconnect(self, since: float) -> None:
        """Nothing has come since then (by the loop's clock): what is called from now on goes
        out on fresh connections.

        Calls under way are left to end on theirs; streams that brought nothing since then end.
        Where the connections are younger than that, nothing happens.
        """


class JobWires(Protocol):
    """What a worker is given for its run: a wire for each job type, over connections of its own."""

    def of(self, job_type: str) -> JobWire:
        """The wire for jobs of this type: routes may tell types apart."""

    async def close(self) -> None:
        """Frees the connections."""


class WireSource(Protocol):
    """What a worker is given: a client of either wire, or of both."""

    def job_wire(self) -> JobWires:
        """Wires of the worker's own. Raises ConfigurationError where there can be none."""


async def give_back(wire: JobWire, jobs: Sequence[ActivatedJob], why: str, *, timeout: float) -> None:
    """Makes activated jobs available again, their retries unchanged (RPC FailJob).

    What cannot be given back is logged.
    """
    for job in jobs:
        try:
            await wire.fail(
                job,
                retries=job.retries,
                message=f"given back: {why}",
                backoff=0.0,
                variables="",
                timeout=timeout,
            )
        except CamundaError as error:
            log.warning(
                "job %s stays locked until its timeout: giving it back failed: %s", job.job_key, error
            )
