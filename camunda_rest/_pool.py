"""The blocking client's connections: a urllib3 pool with a limit on the whole answer and on idleness."""

from __future__ import annotations

import socket
import time
import weakref
from functools import partial
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter

from camunda_core._http import answer_by_pieces, answer_until
from camunda_core._outbound import proxy_for
from camunda_core._socks import ProxyFailure, check_socks, connected, is_socks
from camunda_core._tls_proxy import is_tls, proxy_failure, proxy_trust
from camunda_rest._network import IDLE_LIMIT
from camunda_rest._stack import POOLS

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection as _Base

    from camunda_core._trust import Trust
    from camunda_core.tls import Tls
else:
    _Base = object

__all__ = ["IdleLimit", "NotConnectedError", "open_pool", "opened"]

#: Bytes up to which copying a request together is cheaper than writing it in two pieces.
_ONE_PIECE = 65536


def open_pool(
    address: str,
    tls: Tls | None,
    trust: Trust,
    size: int,
    trust_env: bool,
    connect_limit: float | None = None,
    given: str | None = None,
) -> tuple[Any, str]:
    """``(pool, base)``: the connection pool for the address, and what to put before an operation's path.

    ``connect_limit`` is how long (s) connecting may take, where the call has more time than that;
    ``given`` is a proxy in place of the environment's.
    """
    options: dict[str, Any] = {}
    context = trust()
    if context is not None:
        options["ssl_context"] = context
        if tls is not None and tls.server_name is not None:
            options["server_hostname"] = tls.server_name
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=size)
    secured: Trust | None = None
    proxy = proxy_for(address, given, trust_env=trust_env)
    socks = proxy if is_socks(proxy) else None
    if socks is not None:
        check_socks(socks)
    if proxy is None or socks is not None:
        adapter.init_poolmanager(1, size, **options)
        manager: Any = adapter.poolmanager
    else:
        if is_tls(proxy):
            secured = proxy_trust(tls, trust_env=trust_env)
            options["proxy_ssl_context"] = secured()
            options.setdefault("ssl_context", secured())  # where the proxy is all that is spoken to in TLS
        manager = adapter.proxy_manager_for(proxy, **options)
    manager.pool_classes_by_scheme = POOLS
    pool = manager.connection_from_url(address)
    settled: dict[str, Any] = {
        "_trust": staticmethod(trust),
        "_connect_limit": connect_limit,
        "_socks": socks,
    }
    settled["_made"] = {}
    settled |= {"_secured": proxy if secured else None, "_proxy_trust": staticmethod(secured or trust)}
    pool.ConnectionCls = type("_Connection", (_Timed, pool.ConnectionCls), settled)
    if proxy is not None and context is None and socks is None:
        return pool, address  # a plain HTTP proxy wants the whole address in the request line
    return pool, "/" + address.split("/", 3)[3]


def opened(pool: Any) -> list[Any]:
    """The connections of such a pool that are open."""
    found = (each() for each in tuple(pool.ConnectionCls._made.values()))
    return [each for each in found if each is not None and each.sock is not None]


class IdleLimit(float):
    """A read timeout (s) for each piece of an answer instead of for the whole: a download takes as
    long as it takes.
    """


class NotConnectedError(Exception):
    """No connection was made, so nothing was sent."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _forgotten(made: dict[int, Any], key: int, gone: object) -> None:
    if made.get(key) is gone:
        del made[key]


def _proxied(error: Exception, proxy: str) -> ProxyFailure:
    """What is said of a proxy that was not reached; urllib3 wraps what was raised."""
    for cause in (error, error.__cause__, *error.args):
        if isinstance(cause, (OSError, TimeoutError)):
            return proxy_failure(cause, proxy)
    return proxy_failure(error, proxy)


class _Timed(_Base):
    """A connection whose read timeout bounds the whole answer, not each piece of it, and that is
    not used again after ``IDLE_LIMIT``.
    """

    _last_used = 0.0
    _trust: Trust
    _connect_limit: float | None = None
    _socks: str | None = None
    #: The proxy that is spoken to in TLS, and whom it has to convince.
    _secured: str | None = None
    _proxy_trust: Trust
    _reached = False
    #: All of the pool; what adds to it and takes from it does so in one step.
    _made: dict[int, weakref.ref[Any]]
    _send_by: float | None = None
    _held: list[bytes] | None = None
    _size = 0

    def request(self, *args: Any, **options: Any) -> None:
        if self.sock is None:
            self.connect()  # before a body is read that can be read once
        # Head and body leave in one packet: one system call less here, and one wake-up less at the server.
        self._held, self._size = [], 0
        limit = self.timeout
        self._send_by = time.monotonic() + limit if isinstance(limit, (int, float)) else None
        try:
            super().request(*args, **options)
            if self._held:
                super().send(b"".join(self._held))
        finally:
            self._held = None

    def send(self, data: Any) -> None:
        if self._held is None:
            if self._send_by is not None and self.sock is not None:
                left = self._send_by - time.monotonic()
                if left <= 0:
                    raise TimeoutError("timed out")
                self.sock.settimeout(left)
            super().send(data)
            return
        self._held.append(data)
        self._size += len(data)
        if self._size > _ONE_PIECE:  # what is larger goes out piece by piece, and is never held as a whole
            held, self._held = self._held, None
            for piece in held:
                super().send(piece)

    def connect(self) -> None:
        limit = self.timeout
        if self._connect_limit is not None:
            most = self._connect_limit
            self.timeout = min(limit, most) if isinstance(limit, (int, float)) else most
        self.response_class = self._answer_until(self.timeout)  # the answer of a proxy, while tunnelling
        try:
            context = self._trust()
            if context is not None:
                self.ssl_context = context
            if self._secured is not None:
                self._settle_proxy(forwards=context is None)
            super().connect()
        except Exception as error:
            self.close()
            if self._secured is not None and not self._reached:
                raise NotConnectedError(_proxied(error, self._secured)) from None
            raise NotConnectedError(error) from error
        finally:
            self.timeout = limit
        if self._connect_limit is not None and self.sock is not None:
            self.sock.settimeout(limit if isinstance(limit, (int, float)) else None)
        self._last_used = time.monotonic()
        self._made[id(self)] = weakref.ref(self, partial(_forgotten, self._made, id(self)))

    def _settle_proxy(self, forwards: bool) -> None:
        self._reached = False
        context: Any = self._proxy_trust()
        config: Any = getattr(self, "proxy_config", None)
        if config is not None and config.ssl_context is not context:
            self.proxy_config = config._replace(ssl_context=context)
        if forwards:
            self.ssl_context = context

    def _tunnel(self) -> None:
        try:
            super()._tunnel()
        except OSError as error:
            self._reached = str(error).startswith("Tunnel connection failed")  # what the proxy answered
            raise
        self._reached = True

    def _new_conn(self) -> socket.socket:
        if self._socks is None:
            return super()._new_conn()
        limit = self.timeout if isinstance(self.timeout, (int, float)) else None
        made = connected(self._socks, self.host, self.port, limit)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    @property
    def is_connected(self) -> bool:
        return time.monotonic() - self._last_used < IDLE_LIMIT and super().is_connected

    def getresponse(self) -> Any:
        self.response_class = self._answer_until(self.timeout)
        response = super().getresponse()
        self._last_used = time.monotonic()
        return response

    def _answer_until(self, timeout: Any) -> Any:
        if not isinstance(timeout, (int, float)):
            return HTTPResponse
        if isinstance(timeout, IdleLimit):
            return partial(answer_by_pieces, float(timeout))
        return partial(answer_until, time.monotonic() + timeout)
