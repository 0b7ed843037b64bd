"""The blocking REST client: waits on the network, and leaves every decision to
``_request`` and ``_invocation``.

``requests`` decides how the host is reached (proxy, its credentials) and owns the pool of
connections. Requests are made by ``_request`` and go straight into that pool: preparing one through
a ``Session`` costs more CPU than all the rest of a call.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from http.client import BadStatusLine, HTTPException, RemoteDisconnected
from types import TracebackType
from typing import TYPE_CHECKING, Any

from urllib3 import Retry
from urllib3 import Timeout as PoolTimeout
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from camunda_core._arguments import flag, positive, text
from camunda_core._handshakes import EXAMINATION
from camunda_core._outbound import checked_proxy, without_password
from camunda_core._provided import credentials_of
from camunda_core._secrecy import Sealed, without_frames
from camunda_core._several import Addresses
from camunda_core._socks import ProxyFailure
from camunda_core._trust import Trust
from camunda_core._usage import WireUse
from camunda_core._watching import checked_observers, watch_over
from camunda_core.credentials import NoCredentials, warn_of_plaintext
from camunda_core.deadline import Duration, limit_of
from camunda_core.errors import CamundaError, DeadlineExceeded, InvalidRequest
from camunda_core.retry import RetryPolicy, check_retry
from camunda_core.version import USER_AGENT
from camunda_rest._commands.sending import RestCommands
from camunda_rest._consistency import default_wait
from camunda_rest._documents import CHUNK, Download, Unpacking, length_of
from camunda_rest._encoding import JsonText
from camunda_rest._helpers import Helpers
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
    connecting_reason,
    foreign,
    reason,
    refused_reason,
    tls_reason,
    too_many_headers,
    trust,
)
from camunda_rest._pool import IdleLimit, NotConnectedError, open_pool, opened
from camunda_rest._pressure import Gate, Pressure, is_held
from camunda_rest._request import HttpRequest, Key, build, parse
from camunda_rest._response import MAX_MESSAGE_SIZE, HttpResponse, message_size, plain
from camunda_rest._sites import Site, bases, connect_limit, ring_of
from camunda_rest._suspicion import suspicion
from camunda_rest._versions import parse_version, version_of
from camunda_rest.operations import GET_TOPOLOGY, Operation, Version

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

    from camunda_core.credentials import AnyCredentials
    from camunda_core.observing import CallObserver
    from camunda_core.tls import Tls
    from camunda_rest._job_wire import RestJobWire

__all__ = ["RestClient"]

#: Seconds, about 23 days: poll() counts milliseconds in 32 bits, and a longer wait would become another.
_LONGEST_WAIT = 2_000_000.0
#: Attempts are counted by ``Invocation``; the pool makes one.
_ONE_ATTEMPT = Retry(total=False)
_CLOSED = "this RestClient is closed; make a new one"


class RestClient(RestCommands, Helpers):
    """Performs REST operations. Thread safe: one client serves any number of threads, beside a
    running event loop as well.

    ``address``          ``http(s)://host[:port][/context-path][/v2]``. Of a cluster with several gateways a
                         list, or text with commas: calls go to one of them, and to the next when it fails
    ``credentials``      who is calling; None for a gateway that asks for nothing
    ``tls``              whom to trust and who we are, for ``https``; None trusts the system's authorities
    ``retry``            how often and how fast failed attempts are repeated
    ``timeout``          the time limit of a call through all its attempts, in seconds or a timedelta; None
                         for no limit. Where the server waits before it answers (activating jobs, awaiting a
                         result) that wait is added
    ``physical_tenant``  the physical tenant to address (clusters from 8.10)
    ``pool_size``        connections kept open for the next call; more are made when more calls run at once
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
                         ``https://`` and, with ``[socks]``, ``socks5://`` and ``socks5h://`` are known as well

    Raises ConfigurationError when such a client cannot work.
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
        pool_size: int = 64,
        trust_env: bool = True,
        user_agent: str | None = None,
        max_message_size: int = MAX_MESSAGE_SIZE,
        cluster_version: str | Version | None = None,
        consistency_wait: Duration = 0.0,
        tenant_id: str | None = None,
        backpressure: bool = True,
        observers: Iterable[CallObserver] = (),
        proxy: str | None = None,
    ) -> None:
        self.addresses = bases(address, physical_tenant)
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
        self._user_agent = USER_AGENT if user_agent is None else user_agent
        trusted = Trust(tls, partial(trust, self.addresses[0], trust_env=trust_env))
        self._suspicion = suspicion(
            self.addresses, self._settings_given["proxy"], tls, trusted, trust_env=trust_env
        )
        self._open_pools = partial(
            _open_sites,
            self.addresses,
            tls,
            trusted,
            pool_size,
            trust_env,
            self._settings_given["proxy"],
        )
        self._sites = self._open_pools()
        self._ring = ring_of(self.addresses)
        self._process = os.getpid()
        self._ended = threading.Event()
        self._cluster = None if cluster_version is None else parse_version(cluster_version)
        self._consistency_wait = default_wait(consistency_wait)
        self._tenant_id = None if tenant_id is None else text(tenant_id, "tenant_id")
        self._gate = Gate() if flag(backpressure, "backpressure") else None

    def call(
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

        ``path`` has the operation's keys, ``body`` the JSON object as it is sent (None values are
        left out; times are milliseconds there; ``JsonText`` is one that is written already),
        ``files`` a deployment's ``(name, content)`` pairs. ``timeout`` (seconds or a timedelta)
        bounds everything: all attempts, the pauses between them, connecting, sending, reading.
        ``headers`` are sent in addition.

        Raises the classes of ``camunda_core.errors``: InvalidRequest before anything is sent;
        what the server answered; ResourceExhausted when that is larger than
        ``max_message_size``; Unavailable when it cannot be reached; DeadlineExceeded when the
        time is over; Unavailable or Aborted (for operations that must not be repeated) when the
        connection broke before the answer.
        """
        request = build(self._open(operation), operation, path, body, files)
        extra = extra_headers(headers) if headers else None
        limit = time_limit(operation, body, timeout, self._timeout)
        return self._run(
            operation, request, limit, self._repeated(operation, retry), extra, held=is_held(operation, body)
        )

    def send(
        self,
        operation: Operation,
        make: Callable[[str], HttpRequest],
        *,
        timeout: Timeout = DEFAULT,
        retry: RetryPolicy | None = None,
    ) -> Any:
        """Performs an operation whose request is made by ``make`` from the base of all operations.

        Answers as ``call`` does; a ``Download`` where the operation answers a file.
        """
        request = make(self._open(operation))
        limit = time_limit(operation, None, timeout, self._timeout)
        return self._run(
            operation, request, limit, self._repeated(operation, retry), held=is_held(operation, None)
        )

    def _open(self, operation: Operation) -> str:
        """The base of all operations. Raises InvalidRequest on a closed client."""
        if self._ended.is_set():
            raise InvalidRequest(_CLOSED, operation=getattr(operation, "id", ""))
        if self._process != os.getpid():
            # We were forked: a connection must not be shared with the parent process.
            self._sites = self._open_pools()
            self._ring = ring_of(self.addresses)  # its lock may have been taken
            self._process = os.getpid()
            self._gate = None if self._gate is None else Gate()
        return self._sites[0].base

    def _repeated(self, operation: Operation, retry: RetryPolicy | None) -> RetryPolicy:
        try:
            check_retry(retry)
        except InvalidRequest as error:
            error.operation = operation.id
            raise
        return retry or self._retry

    def _run(
        self,
        operation: Operation,
        request: HttpRequest,
        limit: float | None,
        policy: RetryPolicy,
        extra: Mapping[str, str] | None = None,
        *,
        held: bool = True,
    ) -> Any:
        request.headers["user-agent"] = self._user_agent
        invocation = Invocation(operation, policy, self._credentials, limit, self._ring)
        watched = invocation.watched_by(self._watch)
        identity = ANONYMOUS
        while True:
            try:
                left = invocation.time_left()
                if self._credentials is not None:
                    identity = Sealed(self._credentials.headers(left))
                    left = invocation.time_left()
                answer = self._held(held, invocation, request, identity, extra, left)
            except CamundaError as error:
                pause = invocation.pause_after(error, identity)
                if watched is not None:
                    watched.end(error)
                # A closed client repeats nothing, also when it is closed during the pause.
                if pause is None or not request.again or self._ended.wait(pause):
                    raise
            except BaseException as error:
                if watched is not None:
                    watched.end(error)
                raise
            else:
                if watched is not None:
                    watched.end()
                return answer

    def _held(
        self,
        held: bool,
        invocation: Invocation,
        request: HttpRequest,
        identity: Sealed,
        extra: Mapping[str, str] | None,
        left: float | None,
    ) -> Any:
        """One attempt, in its turn."""
        gate = self._gate
        if gate is None or not held:
            return self._answered(invocation, request, identity, extra, left)
        entered = gate.enter(left)
        if entered is None:
            raise DeadlineExceeded(
                f"its turn did not come within {invocation.timeout:g} s, since the gateway refuses for want of capacity",
                operation=invocation.operation.id,
                sent=False,
            )
        try:
            left = invocation.time_left()
            answer = self._answered(invocation, request, identity, extra, left)
        except BaseException as error:
            gate.leave(entered, error)
            raise
        gate.leave(entered)
        return answer

    def _answered(
        self,
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
        site = self._sites[at]
        answer = self._exchange(site, invocation, request, identity, extra, left)
        if watched is not None:
            watched.answered(answer.status)
        if not isinstance(answer, HttpResponse):
            return _download(invocation, answer, site.address)
        return parse(invocation.operation, *plain(invocation.operation, answer, self._largest))

    @property
    def pressure(self) -> Pressure:
        """How many calls may be under way, are, and wait: there is a limit while the gateway refuses
        for want of capacity.
        """
        return Pressure() if self._gate is None else self._gate.state

    @property
    def wires(self) -> tuple[WireUse, ...]:
        """The connections, the requests under way, and what a connection takes, as it is now. Nobody waits
        for one: a request for which none is free opens another.
        """
        pools = [each.way for each in self._sites]
        made = [each for pool in pools for each in opened(pool)]
        idle = sum(pool.pool.idle() for pool in pools if pool.pool is not None)
        return (
            WireUse(
                wire="REST",
                engine="default",
                connections=len(made),
                running=max(0, len(made) - idle),
                waiting=0,
                limit=1,
            ),
        )

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

    def _rest_client(self, operation: str) -> RestClient:
        return self

    def _rest_version(self) -> Version:
        if self._cluster is None:
            topology = self.call(GET_TOPOLOGY)
            self._cluster = version_of(topology.get("gatewayVersion"))
        return self._cluster

    def job_wire(self) -> RestJobWire:
        """What a worker talks through: an asyncio client of its own, with these settings but without retries.

        Raises ConfigurationError without aiohttp: it comes with ``camunda-bridge[aio]``.
        """
        from camunda_rest._aio_client import AsyncRestClient

        twin = AsyncRestClient(
            self.addresses, credentials=self._credentials, timeout=self._timeout, **self._settings_given
        )
        return twin.job_wire()

    def close(self) -> None:
        """Closes the connections; calls that are running end as they would have. Closing twice does
        nothing.
        """
        self._ended.set()
        for site in self._sites:
            site.way.close()

    def __enter__(self) -> RestClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"RestClient({','.join(self.addresses)!r})"

    @property
    def address(self) -> str:
        """Where calls go now: the base of all operations."""
        return self.addresses[0 if self._ring is None else self._ring.at]

    def _exchange(
        self,
        site: Site,
        invocation: Invocation,
        request: HttpRequest,
        identity: Sealed,
        extra: Mapping[str, str] | None,
        left: float | None,
    ) -> HttpResponse | BaseHTTPResponse:
        keep = invocation.operation.media == "binary"
        outcome = self._attempt(site, request, identity, extra, left, keep)
        if isinstance(outcome, NoAnswer):
            if self._suspicion is not None:
                if self._suspicion.asks(outcome, site.address):
                    limit = invocation.bounded(EXAMINATION)
                    outcome = self._suspicion.examined(outcome, site.address, limit)
                else:
                    outcome = self._suspicion.known(outcome, site.address)
            raise invocation.failure(outcome.how, outcome.what) from outcome.cause
        if isinstance(outcome, BaseException):
            try:
                raise outcome
            finally:
                del outcome  # it would refer to itself, through this frame
        if self._suspicion is not None:
            self._suspicion.answered = True
        return outcome

    def _attempt(
        self,
        site: Site,
        request: HttpRequest,
        identity: Sealed,
        extra: Mapping[str, str] | None,
        left: float | None,
        keep: bool,
    ) -> HttpResponse | BaseHTTPResponse | NoAnswer | BaseException:
        """One attempt; with ``keep`` a success is left unread.

        It raises nothing, since its frame and those below hold what says who is calling.
        """
        left = None if left is None else min(left, _LONGEST_WAIT)
        limits = PoolTimeout(total=left)
        if keep and left is not None:
            limits = PoolTimeout(connect=left, read=IdleLimit(left))
        try:
            response: BaseHTTPResponse = site.way.urlopen(
                request.method,
                site.url(request.url),
                request.body,
                {**request.headers, **identity.headers, **(extra or {})},
                retries=_ONE_ATTEMPT,
                redirect=False,
                assert_same_host=False,
                timeout=limits,
                preload_content=False,
                decode_content=False,
            )
            if keep and 200 <= response.status < 300:
                return response
            try:
                body = _read(response, self._largest)
            finally:
                response.release_conn()
            return HttpResponse(response.status, response.headers, body)
        except NotConnectedError as error:
            return NoAnswer(*_connecting(error.cause, site.address), without_frames(error.cause))
        except ClosedPoolError:
            return InvalidRequest(_CLOSED)
        except HTTPError as error:
            if request.broken is not None:  # urllib3 wraps it up as a broken connection
                return without_frames(request.broken)
            return NoAnswer(*_exchanging(error, site.address), without_frames(error))
        except BaseException as error:
            return without_frames(error)


def _open_sites(
    addresses: tuple[str, ...],
    tls: Tls | None,
    trusted: Trust,
    size: int,
    trust_env: bool,
    proxy: str | None,
) -> tuple[Site, ...]:
    limit = connect_limit(addresses)
    opened = [open_pool(each, tls, trusted, size, trust_env, limit, proxy) for each in addresses]
    first = opened[0][1]
    return tuple(Site(each, first, base, pool) for each, (pool, base) in zip(addresses, opened, strict=True))


def _download(invocation: Invocation, response: BaseHTTPResponse, address: str) -> Download:
    def chunks() -> Iterator[bytes]:
        try:
            unpacking = Unpacking(response.headers.get("content-encoding", ""))
            for chunk in response.stream(CHUNK, decode_content=False):
                yield unpacking.feed(chunk)
            if not unpacking.complete:
                raise invocation.failure(Failure.LOST, f"what {address} compressed ends early")
        except HTTPError as error:
            raise invocation.failure(*_exchanging(error, address)) from without_frames(error)

    def close() -> None:
        response.close()  # of an answer that was read to its end the connection is back in the pool already
        response.release_conn()

    return Download(
        chunks(),
        close,
        content_type=response.headers.get("content-type", "application/octet-stream"),
        size=length_of(response.headers),
    )


def _read(response: BaseHTTPResponse, limit: int | None) -> bytes:
    """The body; of one that is larger than the limit one byte more than that, and the connection is
    closed.
    """
    if limit is None:
        return response.read()
    body = response.read(limit + 1)
    while len(body) <= limit and (more := response.read(limit + 1 - len(body))):
        body += more  # a read that ends early says only when it is repeated whether the connection broke
    if len(body) > limit:
        response.close()
    return body


def _connecting(error: Exception, address: str) -> tuple[Failure, str]:
    where = f"cannot connect to {address}"
    if isinstance(error, ProxyFailure):
        return Failure.UNTRUSTED if error.lasting else Failure.UNREACHABLE, f"{where}: {error}"
    if isinstance(error, NameResolutionError):
        return Failure.UNKNOWN_HOST, f"{where}: unknown host"
    if isinstance(error, TimeoutError) or (
        isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError)
    ):
        return Failure.UNREACHABLE, f"{where}: no connection in time"
    if isinstance(error, (ssl.SSLError, ssl.CertificateError)) and not isinstance(error, ssl.SSLEOFError):
        return Failure.UNTRUSTED, f"{where}: TLS failed: {tls_reason(error)}"
    return Failure.UNREACHABLE, f"{where}: {connecting_reason(error, address)}"


def _exchanging(error: HTTPError, address: str) -> tuple[Failure, str]:
    causes = [error, error.__cause__, error.__context__, *error.args]
    if isinstance(error, ReadTimeoutError) or any(isinstance(cause, TimeoutError) for cause in causes):
        return Failure.TIMED_OUT, ""
    for cause in causes:
        if isinstance(cause, HTTPException) and str(cause).startswith("got more than"):
            return Failure.LOST, too_many_headers(address)
        if isinstance(cause, BadStatusLine) and not isinstance(cause, RemoteDisconnected):
            return Failure.FOREIGN, foreign(address)
        refused = refused_reason(cause if isinstance(cause, Exception) else None, address)
        if refused is not None:
            return Failure.UNTRUSTED, refused
    inner = next((cause for cause in error.args[1:] if isinstance(cause, Exception)), error)
    return Failure.LOST, f"the connection to {address} broke before the answer was complete: {reason(inner)}"
