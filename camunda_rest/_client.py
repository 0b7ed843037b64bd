"""The blocking REST client: waits on the network, and leaves every decision to
``_request`` and ``_invocation``.

``requests`` decides how the host is reached (proxy, its credentials) and owns the pool of
connections. Requests are made by ``_request`` and go straight into that pool: preparing one through
a ``Session`` costs more CPU than all the rest of a call.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from camunda_core._arguments import flag, positive, text
from camunda_core._engines import Engine, engine_of
from camunda_core._handshakes import EXAMINATION
from camunda_core._outbound import checked_proxy, without_password
from camunda_core._provided import credentials_of
from camunda_core._secrecy import Sealed
from camunda_core._several import Addresses
from camunda_core._trust import Trust
from camunda_core._watching import checked_observers, watch_over
from camunda_core.credentials import NoCredentials, warn_of_plaintext
from camunda_core.deadline import Duration, limit_of
from camunda_core.errors import CamundaError, DeadlineExceeded, InvalidRequest
from camunda_core.retry import RetryPolicy, check_retry
from camunda_core.version import USER_AGENT
from camunda_rest._carrying import blocking_transport_of, settings_of
from camunda_rest._commands.sending import RestCommands
from camunda_rest._consistency import default_wait
from camunda_rest._documents import Download, Unpacking, length_of
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
    trust,
)
from camunda_rest._pool import open_pool
from camunda_rest._pressure import Gate, Pressure, is_held
from camunda_rest._request import HttpRequest, Key, build, parse
from camunda_rest._response import MAX_MESSAGE_SIZE, HttpResponse, message_size, plain
from camunda_rest._sites import Site, bases, ring_of
from camunda_rest._suspicion import suspicion
from camunda_rest._transport import ANY_NUMBER, BlockingKept, BlockingTransport, Settings, Unanswered
from camunda_rest._urllib3 import CLOSED, PoolTransport
from camunda_rest._versions import parse_version, version_of
from camunda_rest.operations import GET_TOPOLOGY, Operation, Version

if TYPE_CHECKING:
    from camunda_core._usage import WireUse
    from camunda_core.credentials import AnyCredentials
    from camunda_core.observing import CallObserver
    from camunda_core.tls import Tls
    from camunda_rest._job_wire import RestJobWire

__all__ = ["RestClient"]


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
    ``pool_size``        connections kept open for the next call; more are made when more calls run at once. The fast
                         engine keeps all, until they have been idle for a while
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
    ``engine``           "default" (requests), "fast" (httpunk, ``camunda-bridge[fast]``, in a thread that all clients
                         of the process share), or "auto", which is fast where that can be had

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
        engine: Engine = "default",
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
        hows = settings_of(
            self.addresses,
            tls=tls,
            trusted=trusted,
            proxy=self._settings_given["proxy"],
            trust_env=trust_env,
            user_agent=self._user_agent,
            pool_size=pool_size,
            largest=self._largest,
        )
        make = blocking_transport_of(engine_of(engine), *hows)
        self.engine: Engine = "default" if make is None else "fast"
        self._open_sites: Callable[[], tuple[Site, ...]] = (
            partial(_open_pools, hows, tls, trusted, trust_env, self._settings_given["proxy"])
            if make is None
            else partial(_open_ways, hows, make)
        )
        self._sites = self._open_sites()
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
            raise InvalidRequest(CLOSED, operation=getattr(operation, "id", ""))
        if self._process != os.getpid():
            # We were forked: a connection must not be shared with the parent process.
            self._sites = self._open_sites()
            self._ring = ring_of(self.addresses)  # its lock may have been taken
            self._process = os.getpid()
            self._gate = None if self._gate is None else Gate()
        return self._sites[0].first

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
        from camunda_core._usage import together  # few programs ask

        parts = [each.way.usage() for each in self._sites]
        return (together("REST", parts[0].engine, parts),)

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
            self.addresses,
            credentials=self._credentials,
            timeout=self._timeout,
            engine=self.engine,
            **self._settings_given,
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
    ) -> HttpResponse | BlockingKept:
        keep = invocation.operation.media == "binary"
        outcome = site.way.attempt(request, identity, extra, left, keep)
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


def _open_pools(
    hows: tuple[Settings, ...], tls: Tls | None, trusted: Trust, trust_env: bool, proxy: str | None
) -> tuple[Site, ...]:
    opened = [
        open_pool(each.address, tls, trusted, each.pool_size, trust_env, each.connect_limit, proxy)
        for each in hows
    ]
    first = opened[0][1]
    return tuple(
        Site(each.address, first, PoolTransport(each.address, pool, first, base, each.largest))
        for each, (pool, base) in zip(hows, opened, strict=True)
    )


def _open_ways(
    hows: tuple[Settings, ...], make: Callable[[Settings, str], BlockingTransport]
) -> tuple[Site, ...]:
    first = hows[0].address
    # As with requests no thread waits until another one has its answer.
    ways = (each._replace(pool_size=ANY_NUMBER) for each in hows)
    return tuple(Site(each.address, first, make(each, first)) for each in ways)


def _download(invocation: Invocation, answer: BlockingKept, address: str) -> Download:
    def chunks() -> Iterator[bytes]:
        unpacking = Unpacking(answer.headers.get("content-encoding", ""))
        try:
            for chunk in answer.chunks():
                yield unpacking.feed(chunk)
        except Unanswered as error:
            raise invocation.failure(error.outcome.how, error.outcome.what) from error.outcome.cause
        if not unpacking.complete:
            raise invocation.failure(Failure.LOST, f"what {address} compressed ends early")

    return Download(
        chunks(),
        answer.close,
        content_type=answer.headers.get("content-type", "application/octet-stream"),
        size=length_of(answer.headers),
    )
