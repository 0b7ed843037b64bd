"""The asyncio REST client: the same decisions as the blocking one, waiting through aiohttp
(the ``[aio]`` extra) or httpunk (``[fast]``).
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from camunda_core._arguments import flag, positive, text
from camunda_core._elsewhere import in_thread
from camunda_core._engines import Engine, engine_of
from camunda_core._handshakes import EXAMINATION
from camunda_core._outbound import checked_proxy, without_password
from camunda_core._provided import credentials_of
from camunda_core._secrecy import Sealed
from camunda_core._several import Addresses
from camunda_core._trust import Trust
from camunda_core._watching import checked_observers, watch_over
from camunda_core.credentials import AnyCredentials, NoCredentials, warn_of_plaintext
from camunda_core.deadline import Duration, limit_of
from camunda_core.errors import (
    CamundaError,
    DeadlineExceeded,
    InvalidRequest,
)
from camunda_core.retry import NO_RETRY, RetryPolicy, check_retry
from camunda_core.tls import Tls
from camunda_core.version import USER_AGENT
from camunda_rest._aio_helpers import AsyncHelpers
from camunda_rest._aio_pressure import AsyncGate
from camunda_rest._carrying import settings_of, transport_of
from camunda_rest._commands.aio_sending import AsyncRestCommands
from camunda_rest._consistency import default_wait
from camunda_rest._documents import AsyncDownload, Unpacking, length_of
from camunda_rest._encoding import JsonText
from camunda_rest._invocation import (
    ANONYMOUS,
    DEFAULT,
    Failure,
    Invocation,
    NoAnswer,
    Timeout,
    extra_headers,
    time_limit,
)
from camunda_rest._network import (
    check_settings,
    trust,
)
from camunda_rest._pressure import Pressure, is_held
from camunda_rest._request import HttpRequest, Key, build, parse
from camunda_rest._response import MAX_MESSAGE_SIZE, HttpResponse, message_size, plain
from camunda_rest._sites import bases, ring_of
from camunda_rest._suspicion import suspicion
from camunda_rest._transport import ANY_NUMBER, Kept, Several, Transport, Unanswered
from camunda_rest._versions import parse_version, version_of
from camunda_rest.operations import GET_TOPOLOGY, Operation, Version

if TYPE_CHECKING:
    from camunda_core._usage import WireUse
    from camunda_core.observing import CallObserver

if TYPE_CHECKING:
    from camunda_rest._job_wire import RestJobWire

__all__ = ["AsyncRestClient"]


class AsyncRestClient(AsyncRestCommands, AsyncHelpers):
    """Performs REST operations from tasks of one event loop, the one that is running at the first call.

    ``address``          ``http(s)://host[:port][/context-path][/v2]``. Of a cluster with several gateways a
                         list, or text with commas: calls go to one of them, and to the next when it fails
    ``credentials``      who is calling; None for a gateway that asks for nothing
    ``tls``              whom to trust and who we are, for ``https``; None trusts the system's authorities
    ``retry``            how often and how fast failed attempts are repeated
    ``timeout``          the time limit of a call through all its attempts, in seconds or a timedelta; None
                         for no limit. Where the server waits before it answers (activating jobs, awaiting a
                         result) that wait is added
    ``physical_tenant``  the physical tenant to address (clusters from 8.10)
    ``pool_size``        connections at most; a call beyond them waits for a free one, within its time limit
    ``trust_env``        whether the environment's proxy and certificate settings count; read once, here
    ``user_agent``       replaces ``camunda-bridge/<version>``
    ``max_message_size`` bytes of the largest answer that is read, unpacked if it was compressed; -1 is no limit
    ``cluster_version``  the cluster's version, ``"8.8"``; what is left out is asked of the topology when needed
    ``consistency_wait`` how long (seconds or a timedelta) reads that may lag behind are asked again while
                         they find nothing, where a call has no ``wait``
    ``tenant_id``        the tenant of operations that are not given one
    ``backpressure``     hold calls back while the gateway refuses for want of capacity: see ``pressure``
    ``observers``        who is told of each attempt of a call: see ``camunda_core.observing``
    ``proxy``            ``http[s]://[user:password@]host:port``, in place of what the environment names (NO_PROXY too);
                         ``https://`` is known as well
    ``engine``           "default" (aiohttp), "fast" (httpunk, ``camunda-bridge[fast]``), or "auto", which is fast
                         where that can be had

    Raises ConfigurationError when such a client cannot work, without aiohttp for instance.
    """

    def __init__(
        self,
        address: Addresses,
        *,
        credentials: AnyCredentials | None = None,
        tls: Tls | None = None,
        retry: RetryPolicy | None = None,
        timeout: Duration | None = 10.0,
        physical_tenant: str | None = None,
        pool_size: int = 256,
        trust_env: bool = True,
        user_agent: str | None = None,
        max_message_size: int = MAX_MESSAGE_SIZE,
        cluster_version: str | Version | None = None,
        consistency_wait: Duration = 0.0,
        tenant_id: str | None = None,
        backpressure: bool = True,
        observers: Iterable[CallObserver] = (),
        proxy: str | None = None,
        engine: Engine = "default",
    ) -> None:
        self.addresses = bases(address, physical_tenant)
        self._ring = ring_of(self.addresses)
        identity = None if credentials is None else credentials_of(credentials)
        self._credentials = None if type(identity) is NoCredentials else identity
        for each in self.addresses:
            warn_of_plaintext(identity, each)
        self._settings_given: dict[str, Any] = {
            "tls": tls,
            "trust_env": trust_env,
            "user_agent": user_agent,
            "max_message_size": max_message_size,
            "observers": checked_observers(observers),
            "proxy": checked_proxy(proxy),
        }
        self._watch = watch_over(self._settings_given["observers"], "rest", *self.addresses)
        self._largest = message_size(max_message_size)
        self._retry = retry or RetryPolicy()
        self._timeout = limit_of(timeout)
        positive(pool_size, "pool_size")
        check_settings(tls, retry, trust_env, user_agent)
        self._pool_size = pool_size
        self._user_agent = USER_AGENT if user_agent is None else user_agent
        self._trust = Trust(tls, partial(trust, self.addresses[0], trust_env=trust_env))
        self._suspicion = suspicion(
            self.addresses, self._settings_given["proxy"], tls, self._trust, trust_env=trust_env
        )
        self._hows = settings_of(
            self.addresses,
            tls=tls,
            trusted=self._trust,
            proxy=self._settings_given["proxy"],
            trust_env=trust_env,
            user_agent=self._user_agent,
            pool_size=pool_size,
            largest=self._largest,
        )
        self.engine, self._make = transport_of(engine_of(engine), *self._hows)
        self._transport: Transport | Several | None = None
        self._left: set[Transport | Several] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._cluster = None if cluster_version is None else parse_version(cluster_version)
        self._consistency_wait = default_wait(consistency_wait)
        self._tenant_id = None if tenant_id is None else text(tenant_id, "tenant_id")
        self._gate = AsyncGate() if flag(backpressure, "backpressure") else None

    async def call(
        self,
        operation: Operation,
        path: Mapping[str, Key] | None = None,
        body: Mapping[str, Any] | JsonText | None = None,
        *,
        files: Sequence[tuple[str, bytes]] = (),
        timeout: Timeout = DEFAULT,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Performs ``operation`` and returns the decoded JSON, or None when the answer has no body.

        Arguments and errors are those of ``RestClient.call``. Cancelling the task closes the
        connection of the running attempt; the server may execute the command all the same, and
        a job activation that is cancelled while the server waits lets the next job go to
        nobody until its timeout.
        """
        transport = self._ready(operation)
        request = build(self.addresses[0], operation, path, body, files)
        extra = extra_headers(headers) if headers else None
        limit = time_limit(operation, body, timeout, self._timeout)
        return await self._run(
            transport,
            operation,
            request,
            limit,
            self._repeated(operation, retry),
            extra,
            held=is_held(operation, body),
        )

    async def send(
        self,
        operation: Operation,
        make: Callable[[str], HttpRequest],
        *,
        timeout: Timeout = DEFAULT,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """Performs an operation whose request is made by ``make`` from the base of all operations.

        Answers as ``call`` does; an ``AsyncDownload`` where the operation answers a file.
        """
        transport = self._ready(operation)
        limit = time_limit(operation, None, timeout, self._timeout)
        held = is_held(operation, None)
        return await self._run(
            transport, operation, make(self.addresses[0]), limit, self._repeated(operation, retry), held=held
        )

    def _repeated(self, operation: Operation, retry: RetryPolicy | None) -> RetryPolicy:
        try:
            check_retry(retry)
        except InvalidRequest as error:
            error.operation = operation.id
            raise
        return retry or self._retry

    def _ready(self, operation: Operation) -> Transport | Several:
        transport = (
            self._transport if self._transport is not None and not self._closed else self._start(operation)
        )
        if self._loop is not asyncio.get_running_loop():
            raise InvalidRequest(
                "this AsyncRestClient belongs to another event loop; make one per loop",
                operation=getattr(operation, "id", ""),
            )
        return transport

    async def _run(
        self,
        transport: Transport | Several,
        operation: Operation,
        request: HttpRequest,
        limit: float | None,
        policy: RetryPolicy,
        extra: Mapping[str, str] | None = None,
        *,
        held: bool = True,
    ) -> Any:
        invocation = Invocation(operation, policy, self._credentials, limit, self._ring)
        watched = invocation.watched_by(self._watch)
        identity = ANONYMOUS
        while True:
            try:
                left = invocation.time_left()
                if self._credentials is not None:
                    identity = Sealed(await self._credentials.aheaders(left))
                    left = invocation.time_left()
                answer = await self._held(held, transport, invocation, request, identity, extra, left)
            except CamundaError as error:
                pause = invocation.pause_after(error, identity)
                if watched is not None:
                    watched.end(error)
                if pause is None or not request.again:
                    raise
            except BaseException as error:
                if watched is not None:
                    watched.end(error)
                raise
            else:
                if watched is not None:
                    watched.end()
                return answer
            await asyncio.sleep(pause)

    async def _held(
        self,
        held: bool,
        transport: Transport | Several,
        invocation: Invocation,
        request: HttpRequest,
        identity: Sealed,
        extra: Mapping[str, str] | None,
        left: float | None,
    ) -> Any:
        """One attempt, in its turn."""
        gate = self._gate
        if gate is None or not held:
            return await self._answered(transport, invocation, request, identity, extra, left)
        entered = await gate.enter(left)
        if entered is None:
            raise DeadlineExceeded(
                f"its turn did not come within {invocation.timeout:g} s, since the gateway refuses for want of capacity",
                operation=invocation.operation.id,
                sent=False,
            )
        try:
            left = invocation.time_left()
            answer = await self._answered(transport, invocation, request, identity, extra, left)
        except BaseException as error:
            gate.leave(entered, error)
            raise
        gate.leave(entered)
        return answer

    async def _answered(
        self,
        transport: Transport | Several,
        invocation: Invocation,
        request: HttpRequest,
        identity: Sealed,
        extra: Mapping[str, str] | None,
        left: float | None,
    ) -> Any:
        watched = invocation.watched
        at = invocation.begin()
        if watched is not None:
            extra = {**watched.begin(at), **(extra or {})}
        if isinstance(transport, Several):
            transport = transport.parts[at]
            beyond = request.url[len(self.addresses[0]) :]
            request = request._replace(url=self.addresses[at] + beyond)
        answer = await self._exchange(
            transport, self.addresses[at], invocation, request, identity, extra, left
        )
        if watched is not None:
            watched.answered(answer.status)
        if not isinstance(answer, HttpResponse):
            return _download(invocation, answer, self.addresses[at])
        return parse(invocation.operation, *plain(invocation.operation, answer, self._largest))

    @property
    def pressure(self) -> Pressure:
        """How many calls may be under way, are, and wait: there is a limit while the gateway refuses
        for want of capacity.
        """
        return Pressure() if self._gate is None else self._gate.state

    @property
    def wires(self) -> tuple[WireUse, ...]:
        """The connections, the requests under way and waiting, and what a connection takes, as it is now."""
        if self._transport is None:
            from camunda_core._usage import WireUse

            return (WireUse(wire="REST", engine=self.engine, connections=0, running=0, waiting=0),)
        return (self._transport.usage(),)

    def _settings(self) -> Mapping[str, Any]:
        return {
            "rest_address": ",".join(self.addresses),
            "credentials": self._credentials,
            "retry": self._retry,
            "timeout": self._timeout,
            **self._settings_given,
            "proxy": without_password(self._settings_given["proxy"]),
            "cluster_version": self._cluster,
            "consistency_wait": self._consistency_wait,
            "tenant_id": self._tenant_id,
        }

    def _rest_client(self, operation: str) -> AsyncRestClient:
        return self

    async def _rest_version(self) -> Version:
        if self._cluster is None:
            topology = await self.call(GET_TOPOLOGY)
            self._cluster = version_of(topology.get("gatewayVersion"))
        return self._cluster

    def job_wire(self) -> RestJobWire:
        """What a worker talks through: a client of its own, with these settings but without retries.

        It is for the event loop that is running at its first call.
        """
        from camunda_rest._job_wire import RestJobWire  # only for a worker

        twin = self._twin()
        twin._retry = NO_RETRY
        twin._gate = None  # a worker knows more: it has a limit of its own
        return RestJobWire(twin)

    def _twin(self) -> AsyncRestClient:
        """A client with these settings and connections of its own."""
        twin = copy.copy(self)
        twin._ring = None if self._ring is None else self._ring.fork()
        twin._transport, twin._left, twin._loop, twin._closed = None, set(), None, False
        return twin

    def for_polls(self) -> AsyncRestClient:
        """The same with as many connections as there are calls. It is for long polls: each has one while it
        waits, and no other call may wait behind that.
        """
        twin = self._twin()
        twin._hows = tuple(each._replace(pool_size=ANY_NUMBER) for each in self._hows)
        return twin

    def renew_connections(self) -> Callable[[], Coroutine[Any, Any, None]] | None:
        """Calls from now on go out on new connections; those under way are left to end on theirs.

        Of several gateways they are to the next one. Gives what closes the old ones, for when they are
        no longer needed, or None where there are none.
        """
        if self._ring is not None and not self._closed:
            self._ring.leave(self._ring.at)
        transport, self._transport = self._transport, None
        if transport is None:
            return None
        self._left.add(transport)
        return partial(self._close, transport)

    async def _close(self, transport: Transport | Several) -> None:
        self._left.discard(transport)
        await transport.close()

    async def aclose(self) -> None:
        """Closes the connections; calls that are still running fail. Closing twice does nothing."""
        self._closed = True
        self.renew_connections()
        for transport in list(self._left):
            await self._close(transport)

    def abandon(self) -> None:
        """``aclose`` for where nothing can be awaited, be it after the event loop has gone:
        nothing is waited for.
        """
        self._closed = True
        self.renew_connections()
        while self._left:
            self._left.pop().abandon()

    async def __aenter__(self) -> AsyncRestClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"AsyncRestClient({','.join(self.addresses)!r})"

    @property
    def address(self) -> str:
        """Where calls go now: the base of all operations."""
        return self.addresses[0 if self._ring is None else self._ring.at]

    def _start(self, operation: Operation) -> Transport | Several:
        """The transport is made where it is first needed, since it belongs to the running event loop."""
        if self._closed:
            raise InvalidRequest(
                "this AsyncRestClient is closed; make a new one", operation=getattr(operation, "id", "")
            )
        made = tuple(map(self._make, self._hows))
        transport = made[0] if self._ring is None else Several(made)
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        return transport

    async def _exchange(
        self,
        transport: Transport,
        address: str,
        invocation: Invocation,
        request: HttpRequest,
        identity: Sealed,
        extra: Mapping[str, str] | None,
        left: float | None,
    ) -> HttpResponse | Kept:
        keep = invocation.operation.media == "binary"
        outcome = await transport.attempt(request, identity, extra, left, keep)
        if isinstance(outcome, NoAnswer):
            if self._suspicion is not None and not self._closed:
                if self._suspicion.asks(outcome, address):
                    limit = invocation.bounded(EXAMINATION)
                    work = partial(self._suspicion.examined, outcome, address, limit)
                    outcome = await in_thread(work, None)
                else:
                    outcome = self._suspicion.known(outcome, address)
            raise invocation.failure(outcome.how, outcome.what) from outcome.cause
        if isinstance(outcome, BaseException):
            try:
                raise outcome
            finally:
                del outcome  # it would refer to itself, through this frame
        if self._suspicion is not None:
            self._suspicion.answered = True
        return outcome


def _download(invocation: Invocation, answer: Kept, address: str) -> AsyncDownload:
    async def chunks() -> AsyncGenerator[bytes, None]:
        unpacking = Unpacking(answer.headers.get("content-encoding", ""))
        try:
            async for chunk in answer.chunks():
                yield unpacking.feed(chunk)
        except Unanswered as error:
            raise invocation.failure(error.outcome.how, error.outcome.what) from error.outcome.cause
        if not unpacking.complete:
            raise invocation.failure(Failure.LOST, f"what {address} compressed ends early")

    return AsyncDownload(
        chunks(),
        answer.close,
        content_type=answer.headers.get("content-type", "application/octet-stream"),
        size=length_of(answer.headers),
    )
