# Derived from aio_rest.py by scripts/derive_sync.py: change that file, then run the script.
"""The REST door, sync: one RPC said in REST, with what the wire alone does not give.

Over ``camunda_rest`` it puts the refusal of what the cluster is too old for, waiting for a server that is not there yet, long polls
in slices and job streams. It speaks JSON: the drop-in channel and the client both stand on it.
"""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from bridge._doors.polling import (
    CLOSING,
    LongPoll,
    Slice,
    StreamPlan,
    early,
    failing,
    read_jobs,
    returning,
    time_for,
)
from bridge._doors.rest_stream import JobStream
from bridge._doors.waiting import Background, Begun, Lock, sleep
from bridge._table.mapping import RestRequest
from bridge._table.versions import Version, newer_properties, parse_version, refuse_newer, version_of
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, Cancelled, DeadlineExceeded, Unavailable
from camunda_core.jobs import UnreadableJob
from camunda_core.retry import Pace, RetryPolicy
from camunda_rest import RestClient
from camunda_rest import operations as op
from camunda_rest._activated import job_of, listed_jobs
from camunda_rest._request import UnreadableAnswer

__all__ = ["RestDoor"]

log = logging.getLogger("bridge")

Headers = Mapping[str, str]


class RestDoor:
    """What the bridge asks of REST, blocking. Thread safe. ``timeout`` (s) is for calls that bring none."""

    def __init__(
        self,
        client: RestClient,
        *,
        timeout: float,
        retry: RetryPolicy,
        cluster_version: str | Version | None = None,
        stream_capacity: int = 32,
        grpc_there: bool = False,
    ) -> None:
        self.client = client
        self.timeout = timeout
        self.stream_capacity = stream_capacity
        self.retry = retry
        self._version = None if cluster_version is None else parse_version(cluster_version)
        self._grpc_there = grpc_there
        self._announced = False
        self.background = Background()
        self._streams: weakref.WeakSet[JobStream] = weakref.WeakSet()
        self._lock = Lock()

    def call(
        self,
        rpc: str,
        request: RestRequest,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        headers: Headers | None = None,
        wait_for_ready: bool = False,
    ) -> Any:
        """One request, one answer (JSON, or None without a body); ``retry`` is the client's when None. Raises a CamundaError."""
        deadline = Deadline(time_for(request, self.timeout) if timeout is None else timeout)
        self._refuse_newer(rpc, request, deadline)
        return self.send(rpc, request, deadline, headers, wait_for_ready, retry)

    def activate(
        self,
        rpc: str,
        request: RestRequest,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        headers: Headers | None = None,
        wait_for_ready: bool = False,
        abandoned: Callable[[], bool] = lambda: False,
        read: Callable[[Any], Any] | None = job_of,
    ) -> Any:
        """ActivateJobs: ``{"jobs": [...]}``, polled for until jobs come or the asked time is over.

        The jobs are what ``read`` makes of them. One that cannot be read is failed, and costs no other; where all are, the
        poll goes on. Without ``read`` they are JSON as it came, and an answer that cannot be read raises.
        The poll on the wire outlives its caller. What it brings for an ``abandoned`` caller, or after ``close``,
        goes back; a closed door raises Cancelled.
        """
        deadline = Deadline(time_for(request, self.timeout) if timeout is None else timeout)
        self._refuse_newer(rpc, request, deadline)
        poll = LongPoll(request, deadline)

        def give_back(taken: list[tuple[Any, Any]]) -> None:
            self.give_back([data for _, data in taken], headers)

        while not self.background.closed and not abandoned() and (piece := poll.next()) is not None:
            began = time.monotonic()
            polled = partial(self._poll, rpc, piece, headers, wait_for_ready, abandoned, read, retry)
            taken = self.background.finish(polled, give_back, f"camunda-{rpc}")
            if taken:
                return {"jobs": [job for job, _ in taken]}
            sleep(early(piece, time.monotonic() - began))
        if self.background.closed:
            raise Cancelled("Channel closed!", operation=rpc)
        if poll.overdue and not abandoned():
            sleep(deadline.remaining() or 0.0)
            raise DeadlineExceeded("no job came before the deadline", operation=rpc)
        return {"jobs": []}

    def _poll(
        self,
        rpc: str,
        piece: Slice,
        headers: Headers | None,
        wait_for_ready: bool,
        abandoned: Callable[[], bool],
        read: Callable[[Any], Any] | None,
        retry: RetryPolicy | None,
    ) -> list[tuple[Any, Any]]:
        """The jobs of one slice of a long poll, as they are read and as they came; given back, and none, where nobody is
        there to take them.
        """
        try:
            answer = self.send(rpc, piece.request, Deadline(piece.timeout), headers, wait_for_ready, retry)
        except UnreadableAnswer as error:
            if read is None:
                raise
            answer = error.piecewise()
        jobs = listed_jobs(answer)
        if jobs and (self.background.closed or abandoned()):
            self.give_back(jobs, headers)
            return []
        if read is None:
            return [(job, job) for job in jobs]
        readable, unreadable = read_jobs(jobs, read)
        for job in unreadable:
            self.fail_unreadable(job, headers)
        return readable

    def stream(
        self,
        rpc: str,
        request: RestRequest,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        headers: Headers | None = None,
        read: Callable[[Any], Any] = job_of,
    ) -> JobStream:
        """StreamActivatedJobs by long polling; opens at once and runs until it is cancelled, or fails for good.

        It gives what ``read`` makes of a job. One that cannot be read is failed, and the stream goes on with the others.
        """
        if self.background.closed:
            raise Cancelled("the channel is closed", operation=rpc, sent=False)
        deadline = Deadline(timeout)
        checked = Begun(partial(self._refuse_newer, rpc, request, deadline))
        if not self._announced:
            self._announced = True
            log.info("%s is emulated by long polling: REST cannot push jobs", rpc)
        plan = StreamPlan(request, self.stream_capacity)
        stream = JobStream(self, rpc, plan, deadline, headers, read, checked, retry)
        with self._lock:
            self._streams.add(stream)
        if self.background.closed:
            stream.cancel()  # close() may not have seen it
        return stream

    def give_back(self, jobs: list[Mapping[str, Any]], headers: Headers | None = None) -> None:
        """Makes activated jobs available again, retries untouched. What cannot be given back is logged."""
        for job in jobs:
            returned = returning(job)
            if returned is None:
                log.warning("a job stays locked until its timeout: it has no key")
                continue
            key, body = returned
            try:
                self.client.call(op.FAIL_JOB, {"jobKey": key}, body, headers=headers)
            except CamundaError as error:
                log.warning("job %s stays locked until its timeout: giving it back failed: %s", key, error)

    def fail_unreadable(self, job: UnreadableJob, headers: Headers | None = None) -> None:
        """Fails a job that cannot be read, with one retry less, and logs it. It shows, and does not come again for ever."""
        key, body = failing(job)
        log.error("a job that cannot be read is failed, with %d retries left: %s", body["retries"], job.why)
        try:
            self.client.call(op.FAIL_JOB, {"jobKey": key}, body, headers=headers)
        except CamundaError as error:
            log.warning("job %s stays locked until its timeout: failing it failed: %s", key, error)

    def close(self) -> None:
        """Ends the job streams, waits for polls on the wire to end and their jobs to be given back, then closes the client.

        It waits 5 s at most: what a gateway answers later than that stays locked until its timeout.
        """
        self.background.close()
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            stream.cancel()
        self.background.wait(CLOSING)
        self.client.close()

    def _refuse_newer(self, rpc: str, request: RestRequest, deadline: Deadline) -> None:
        newer = dict(newer_properties(request.operation, request.body)) if request.operation.newer else {}
        if newer:
            cluster = self.cluster_version(deadline)
            refuse_newer(newer, cluster, rpc=rpc, wire="REST", grpc_there=self._grpc_there)

    def cluster_version(self, deadline: Deadline) -> Version:
        """The cluster's version: as given, or asked once."""
        if self._version is None:
            topology = self.client.call(op.GET_TOPOLOGY, timeout=deadline.bounded(self.timeout))
            self._version = version_of(topology.get("gatewayVersion"))
        return self._version

    def send(
        self,
        rpc: str,
        request: RestRequest,
        deadline: Deadline,
        headers: Headers | None,
        wait_for_ready: bool,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """One request, without a look at the cluster's version; again while nobody is there and ``wait_for_ready`` is asked for."""
        pace = Pace(retry or self.retry)
        while True:
            try:
                return self.client.call(
                    request.operation,
                    request.path,
                    request.body,
                    files=request.files,
                    timeout=deadline.remaining(),
                    retry=retry,
                    headers=headers,
                )
            except CamundaError as error:
                error.operation = rpc
                if not (wait_for_ready and isinstance(error, Unavailable) and not error.sent):
                    raise
                if self.background.closed:
                    raise
                delay = pace.failed(error)
                if delay >= (deadline.remaining() or delay + 1):
                    raise
                sleep(delay)
