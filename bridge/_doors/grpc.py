"""The gRPC door, sync: takes and gives what the REST door does, and speaks gRPC.

The client knows one vocabulary, that of REST. Here the table turns it into messages and back, on a native
channel that brings credentials, deadlines, retries and the errors of the tree.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from bridge._doors.polling import ends_stream, failing, was_left
from bridge._table.mapping import ROWS, RestRequest
from bridge._table.transcode import classes_of, exchange
from bridge._table.versions import Version, newer_fields, refuse_newer, version_of
from camunda_core.deadline import Deadline
from camunda_core.errors import CamundaError, Cancelled, Unavailable
from camunda_core.jobs import ActivatedJob, UnreadableJob
from camunda_core.retry import Pace, RetryPolicy
from camunda_grpc import _activated as activated
from camunda_grpc._activated import job_of
from camunda_grpc._generated import gateway_pb2, gateway_pb2_grpc
from camunda_rest import operations as op
from camunda_rest._encoding import check_json

__all__ = ["CLOSED", "GrpcDoor", "GrpcJobStream", "jobs_of", "message_of"]

log = logging.getLogger("bridge")


def message_of(rpc: str, request: RestRequest) -> Any:
    """The request message for a request in the words of REST; InvalidRequest names what JSON cannot carry."""
    try:
        check_json(request.body)  # the one check of what a caller's variables may hold, on both wires
    except CamundaError as error:
        error.operation = rpc
        raise
    row = ROWS[rpc]
    if not row.emulated_by:
        return exchange(rpc).from_rest(request.path, request.body, request.files)
    message = exchange(row.emulated_by).from_rest(request.path, request.body)
    cls = classes_of(rpc)[0]
    known = cls.DESCRIPTOR.fields_by_name
    return cls(**{each.name: value for each, value in message.ListFields() if each.name in known})


def jobs_of(messages: Iterable[Any]) -> dict[str, list[ActivatedJob]]:
    """The jobs of an activation's messages, read at once: as JSON in between they would cost three times as much."""
    return {"jobs": [job_of(job) for message in messages for job in message.jobs]}


#: What a call says that was under way when its client was closed, or was made at that moment.
CLOSED = "the client was closed"


@contextmanager
def _unless_closed(rpc: str) -> Iterator[None]:
    """Cancelled in place of the ValueError that grpcio raises when its channel is closed."""
    try:
        yield
    except ValueError as error:
        if isinstance(error, CamundaError) or "closed" not in str(error):
            raise
        raise Cancelled(CLOSED, operation=rpc, sent=False) from None


class GrpcDoor:
    """What the client asks of gRPC, blocking. Thread safe."""

    def __init__(
        self, channel: grpc.Channel, *, retry: RetryPolicy, cluster_version: Version | None = None
    ) -> None:
        self.retry = retry
        self._channel = channel
        self._stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        self._version = cluster_version

    def call(self, rpc: str, request: RestRequest, *, timeout: float | None = None) -> Any:
        """One request, one answer, as JSON. Raises a CamundaError. ``timeout`` (s) is the channel's when None."""
        deadline = Deadline(timeout)
        with _unless_closed(rpc):
            message = self._message(rpc, request, deadline)
            answer = getattr(self._stub, rpc)(message, timeout=deadline.remaining())
        return exchange(rpc).answer_to_rest(answer)

    def activate(self, rpc: str, request: RestRequest, *, timeout: float | None = None) -> Any:
        """ActivateJobs: ``{"jobs": [...]}``, the jobs of all messages. What came before a failure is given, the failure logged."""
        deadline = Deadline(timeout)
        with _unless_closed(rpc):
            message = self._message(rpc, request, deadline)
            call = getattr(self._stub, rpc)(message, timeout=deadline.remaining())
        messages: list[Any] = []
        try:
            for each in call:
                messages.append(each)  # one by one: what came before a failure must not be lost
        except CamundaError as error:
            if not messages:
                raise
            log.warning("%s: after %d messages with jobs: %s", rpc, len(messages), error)
        finally:
            call.cancel()
        return jobs_of(messages)

    def stream(self, rpc: str, request: RestRequest, *, timeout: float | None = None) -> GrpcJobStream:
        """StreamActivatedJobs; opens at once and runs until it is cancelled, or fails for good."""
        deadline = Deadline(timeout)
        with _unless_closed(rpc):
            message = self._message(rpc, request, deadline)

        def open_call() -> Any:
            with _unless_closed(rpc):
                return getattr(self._stub, rpc)(message, timeout=deadline.remaining())

        return GrpcJobStream(rpc, open_call, self.retry, self._fail_unreadable)

    def close(self) -> None:
        """Cancels what is under way and closes the channel."""
        self._channel.close()

    def _fail_unreadable(self, job: UnreadableJob) -> None:
        key, body = failing(job)
        log.error("a job that cannot be read is failed, with %d retries left: %s", body["retries"], job.why)

        def done(call: Any) -> None:
            error = call.exception()
            if error is not None:
                log.warning("job %s stays locked until its timeout: failing it failed: %s", key, error)

        request = message_of("FailJob", RestRequest(op.FAIL_JOB, {"jobKey": key}, body))
        with _unless_closed("FailJob"):
            self._stub.FailJob.future(request).add_done_callback(done)  # the reader need not wait for it

    def _message(self, rpc: str, request: RestRequest, deadline: Deadline) -> Any:
        message = message_of(rpc, request)
        newer = dict(newer_fields(message))
        if newer:
            refuse_newer(newer, self._cluster_version(deadline), rpc=rpc, wire="gRPC")
        return message

    def _cluster_version(self, deadline: Deadline) -> Version:
        if self._version is None:
            topology = self._stub.Topology(gateway_pb2.TopologyRequest(), timeout=deadline.remaining())
            self._version = version_of(topology.gatewayVersion)
        return self._version


class GrpcJobStream:
    """A native job stream that outlives its gateway: when it breaks it is opened again, until that fails for good.

    A job that cannot be read is left to ``fail_unreadable`` and counted in ``unreadable``; the stream goes on with the others.
    """

    def __init__(
        self,
        rpc: str,
        open_call: Callable[[], Any],
        retry: RetryPolicy,
        fail_unreadable: Callable[[UnreadableJob], Any] = lambda job: None,
    ) -> None:
        self.unreadable = 0
        self._fail_unreadable = fail_unreadable
        self._rpc = rpc
        self._open_call = open_call
        self._pace = Pace(retry)
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._call = open_call()

    def take(self) -> ActivatedJob:
        """The next job.

        Raises the error that ended the stream: Cancelled after ``cancel``, DeadlineExceeded at the deadline.
        """
        while True:
            try:
                message = next(self._call)
            except StopIteration:
                self._broke(Unavailable("the gateway ended the stream", operation=self._rpc, answered=False))
            except CamundaError as error:
                if not self._left.is_set() and (was_left(error) or ends_stream(error)):
                    raise
                self._broke(error)
            else:
                if self._pace.succeeded():
                    log.info("%s: the gateway streams again", self._rpc)
                job = next(activated.jobs_of((message,)), None)
                if job is not None and not isinstance(job, UnreadableJob):
                    return job
                self.unreadable += 1
                if job is not None:
                    self._fail_unreadable(job)

    def cancel(self) -> bool:
        """Ends the stream, from any thread; True when it was open."""
        with self._lock:
            was_open = not self._left.is_set()
            self._left.set()
            self._call.cancel()
        return was_open

    def _broke(self, error: CamundaError) -> None:
        if self._pace.failures == 0 and not self._left.is_set():
            log.warning("%s: the stream broke and is opened again: %s", self._rpc, error)
        if self._left.wait(self._pace.failed(error)):
            raise Cancelled("the stream was closed", operation=self._rpc)
        with self._lock:
            if not self._left.is_set():
                self._call = self._open_call()
