"""The gateway's gRPC door."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Any, NoReturn

import grpc
import grpc.aio

from camunda_grpc._generated import gateway_pb2, gateway_pb2_grpc
from tests.fakes.gateway import shapes
from tests.fakes.gateway.faults import Faults, Rule
from tests.fakes.gateway.relay import MARK, Relay
from tests.fakes.gateway.store import DEFAULT_WAIT, Entry, Push, Rejected, Store, Struck

__all__ = ["GrpcDoor"]

#: Bytes that may wait in a stream's transport before a push is refused.
_ROOM = 32 * 1024
_DETAILS = {
    "RESOURCE_EXHAUSTED": "Failed to write client request to partition '1', because the write limit is exhausted.",
    "DEADLINE_EXCEEDED": "Time out between gateway and broker: scripted",
    "UNAVAILABLE": "Expected to execute command on partition 1, but it is not available",
    "UNAUTHENTICATED": "Expected bearer token at header with key [authorization], but found nothing",
    "UNIMPLEMENTED": "Method not found: gateway_protocol.Gateway/StreamActivatedJobs",
}


class _Stream:
    """What is pushed into an open stream and has not gone out yet."""

    def __init__(self, fetch: Any) -> None:
        self._fetch = fetch
        self._queue: deque[Any] = deque()
        self._bytes = 0
        self.wanted = asyncio.Event()

    def take(self, entry: Entry) -> bool:
        if self._bytes >= _ROOM:
            return False
        message = shapes.grpc_job(entry, self._fetch)
        self._bytes += message.ByteSize()
        self._queue.append(message)
        self.wanted.set()
        return True

    async def write(self, context: Any) -> None:
        while True:
            await self.wanted.wait()
            self.wanted.clear()
            while self._queue:
                message = self._queue[0]
                await context.write(message)  # waits while the client's window is full
                self._queue.popleft()
                self._bytes -= message.ByteSize()


_Servicer: Any = gateway_pb2_grpc.GatewayServicer


class GrpcDoor(_Servicer):  # type: ignore[misc]
    """Serves the store on gRPC, behind a relay. ``token``: calls without it are UNAUTHENTICATED."""

    def __init__(self, store: Store, faults: Faults, *, token: str = "", version: str = "8.6.0") -> None:
        self._store = store
        self._faults = faults
        self._token = token
        self._version = version
        self._server: Any = None
        self._ends: dict[str, set[asyncio.Future[str]]] = {}
        self.address = ""
        self._relays: list[Relay] = []
        self._port = 0

    async def start(self) -> None:
        self._server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
        gateway_pb2_grpc.add_GatewayServicer_to_server(self, self._server)
        self._port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        self.address = await self.listen()

    async def stop(self) -> None:
        for relay in self._relays:
            await relay.stop()
        await self._server.stop(0)

    async def listen(self) -> str:
        """One more address: channels to one address of one process share a connection, and its faults."""
        relay = Relay(self._port)
        await relay.start()
        self._relays.append(relay)
        return f"127.0.0.1:{relay.port}"

    def cut(self) -> None:
        """Resets every connection."""
        for relay in self._relays:
            relay.reset()

    def end_streams(self, job_type: str, kind: str) -> int:
        """Ends the open streams of a type, each with this kind of fault; how many there were."""
        ends = [each for each in self._ends.get(job_type, ()) if not each.done()]
        for each in ends:
            _settle(each, kind)
        return len(ends)

    # RPCs

    async def Topology(self, request: Any, context: Any) -> Any:
        await self._admit("Topology", context)
        broker = gateway_pb2.BrokerInfo(host="127.0.0.1", port=26501, version=self._version)
        broker.partitions.add(partitionId=1)
        return gateway_pb2.TopologyResponse(
            brokers=[broker],
            clusterSize=1,
            partitionsCount=1,
            replicationFactor=1,
            gatewayVersion=self._version,
        )

    async def ActivateJobs(self, request: Any, context: Any) -> None:
        rule = await self._admit("ActivateJobs", context, request.type)
        wait = request.requestTimeout / 1000
        poll = self._store.poll(
            request.type, request.worker, request.timeout / 1000, request.maxJobsToActivate
        )
        try:
            if wait >= 0:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(asyncio.shield(poll.jobs), wait or DEFAULT_WAIT)
        except (
            asyncio.CancelledError
        ):  # the client has gone: the server knows, and keeps nothing from the next one
            self._store.take_back(poll)
            raise
        except Struck as fault:
            await self._strike(fault.kind, context)
        self._store.end(poll)
        jobs = poll.jobs.result()
        try:
            await self._afterwards(rule, context)
        except asyncio.CancelledError:  # the answer was on its way: it is lost with what is in it
            self._store.lost(jobs)
            raise
        if jobs:
            found = [shapes.grpc_job(entry, request.fetchVariable) for entry in jobs]
            await context.write(gateway_pb2.ActivateJobsResponse(jobs=found))

    async def StreamActivatedJobs(self, request: Any, context: Any) -> None:
        rule = await self._admit("StreamActivatedJobs", context, request.type)
        stream = _Stream(request.fetchVariable)
        push = Push(request.type, request.worker, request.timeout / 1000, stream.take)
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        ends = self._ends.setdefault(request.type, set())
        ends.add(ended)
        if rule is not None:
            kind = rule.kind.removeprefix("lasting:")
            asyncio.get_running_loop().call_later(rule.delay, _settle, ended, kind)
        await context.send_initial_metadata(())  # before a write that would send them too
        self._store.open(push)
        writing = asyncio.ensure_future(stream.write(context))
        try:
            await asyncio.wait((writing, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._store.close(push)
            ends.discard(ended)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        if ended.done() and ended.result() != "end":
            await self._strike(ended.result(), context)

    async def CompleteJob(self, request: Any, context: Any) -> Any:
        rule = await self._admit("CompleteJob", context, key=request.jobKey)
        variables = await self._variables(request.variables, context)
        await self._command(context, self._store.complete, request.jobKey, variables)
        await self._afterwards(rule, context)
        return gateway_pb2.CompleteJobResponse()

    async def FailJob(self, request: Any, context: Any) -> Any:
        rule = await self._admit("FailJob", context, key=request.jobKey)
        variables = await self._variables(request.variables, context)
        back_off = request.retryBackOff / 1000
        await self._command(
            context,
            self._store.fail,
            request.jobKey,
            request.retries,
            request.errorMessage,
            back_off,
            variables,
        )
        await self._afterwards(rule, context)
        return gateway_pb2.FailJobResponse()

    async def ThrowError(self, request: Any, context: Any) -> Any:
        rule = await self._admit("ThrowError", context, key=request.jobKey)
        variables = await self._variables(request.variables, context)
        await self._command(
            context, self._store.throw, request.jobKey, request.errorCode, request.errorMessage, variables
        )
        await self._afterwards(rule, context)
        return gateway_pb2.ThrowErrorResponse()

    async def UpdateJobTimeout(self, request: Any, context: Any) -> Any:
        rule = await self._admit("UpdateJobTimeout", context, key=request.jobKey)
        await self._command(
            context, self._store.extend, request.jobKey, request.timeout / 1000, "UPDATE_TIMEOUT"
        )
        await self._afterwards(rule, context)
        return gateway_pb2.UpdateJobTimeoutResponse()

    async def UpdateJobRetries(self, request: Any, context: Any) -> Any:
        rule = await self._admit("UpdateJobRetries", context, key=request.jobKey)
        await self._command(
            context, self._store.set_retries, request.jobKey, request.retries, "UPDATE_RETRIES"
        )
        await self._afterwards(rule, context)
        return gateway_pb2.UpdateJobRetriesResponse()

    # Refusals and faults

    async def _admit(self, operation: str, context: Any, job_type: str = "", key: int = 0) -> Rule | None:
        """Refuses a stranger, plays a fault; gives the rule back whose fault comes when the command is done."""
        if (
            self._token
            and dict(context.invocation_metadata()).get("authorization") != f"Bearer {self._token}"
        ):
            await _abort(context, "UNAUTHENTICATED")
        rule = self._faults.next(operation, job_type or self._store.type_of(key), key)
        if rule is None or rule.kind in ("lost", "late", "end") or rule.kind.startswith("lasting:"):
            return rule
        if rule.delay:
            await asyncio.sleep(rule.delay)
        await self._strike(rule.kind, context)
        return None

    async def _afterwards(self, rule: Rule | None, context: Any) -> None:
        if rule is None:
            return
        if rule.kind == "late":
            await asyncio.sleep(rule.delay)
        elif rule.kind == "lost":
            await self._strike("reset", context)

    async def _strike(self, kind: str, context: Any) -> NoReturn:
        port = int(context.peer().rpartition(":")[2])
        if kind == "goaway":
            for relay in self._relays:
                await relay.goaway(port)
        elif kind == "reset":
            for relay in self._relays:
                relay.reset(port)
        elif kind == "stall":
            await asyncio.sleep(3600)  # cancelled when the client gives up or the server stops
        if kind.startswith("wait:"):
            await _abort(context, "UNAVAILABLE", retry_after=float(kind[5:]))
        more = ((MARK, "1"),) if kind == "rst" else ()
        await _abort(context, kind if hasattr(grpc.StatusCode, kind) else "INTERNAL", more=more)

    async def _variables(self, text: str, context: Any) -> Any:
        try:
            return shapes.document(text)
        except ValueError as error:
            await _abort(context, "INVALID_ARGUMENT", f"Property 'variables' is invalid: {error}")

    async def _command(self, context: Any, command: Any, *arguments: Any) -> None:
        try:
            command(*arguments)
        except Rejected as error:
            await _abort(context, shapes.GRPC_CODE[error.code].name, str(error))


def _settle(future: asyncio.Future[str], kind: str) -> None:
    if not future.done():
        future.set_result(kind)


async def _abort(
    context: Any,
    name: str,
    message: str = "",
    more: tuple[Any, ...] = (),
    retry_after: float | None = None,
) -> NoReturn:
    code, details = grpc.StatusCode[name], message or _DETAILS.get(name, "scripted")
    trailing = (
        ()
        if name == "UNIMPLEMENTED"
        else (("grpc-status-details-bin", shapes.details_bin(code, details, retry_after)),)
    )
    await context.abort(code, details, (*trailing, *more))
    raise AssertionError("abort raises")
