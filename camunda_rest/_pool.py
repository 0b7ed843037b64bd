"""The blocking client's connections: a urllib3 pool with a limit on the whole answer and on idleness."""

from __future__ import annotations

import time
from functools import partial
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema

from camunda_core._http import answer_until
from camunda_core.errors import ConfigurationError
from camunda_rest._network import IDLE_LIMIT, Trust, environment_proxy

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection as _Base

    from camunda_core.tls import Tls
else:
    _Base = object

__all__ = ["NotConnectedError", "open_pool"]

#: Bytes up to which copying a request together is cheaper than writing it in two pieces.
_ONE_PIECE = 65536


def open_pool(address: str, tls: Tls | None, trust: Trust, size: int, trust_env: bool) -> tuple[Any, str]:
    """``(pool, base)``: the connection pool for the address, and what to put before an operation's path."""
    options: dict[str, Any] = {}
    context = trust()
    if context is not None:
        options["ssl_context"] = context
        if tls is not None and tls.server_name is not None:
            options["server_hostname"] = tls.server_name
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=size)
    proxy = environment_proxy(address) if trust_env else None
    if proxy is None:
        adapter.init_poolmanager(1, size, **options)
        manager: Any = adapter.poolmanager
    else:
        try:
            manager = adapter.proxy_manager_for(proxy, **options)
        except InvalidSchema as error:
            raise ConfigurationError(f"the environment names a SOCKS proxy: {error} (PySocks)") from None
    pool = manager.connection_from_url(address)
    pool.ConnectionCls = type("_Connection", (_Timed, pool.ConnectionCls), {"_trust": staticmethod(trust)})
    if proxy is not None and context is None and not proxy.lower().startswith("socks"):
        return pool, address  # a plain HTTP proxy wants the whole address in the request line
    return pool, "/" + address.split("/", 3)[3]


class NotConnectedError(Exception):
    """No connection was made, so nothing was sent."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class _Timed(_Base):
    """A connection whose read timeout bounds the whole answer, not each piece of it, and that is
    not used again after ``IDLE_LIMIT``.
    """

    _last_used = 0.0
    _trust: Trust
    _held: list[bytes] | None = None

    def request(self, *args: Any, **options: Any) -> None:
        held: list[bytes] = []
        self._held = held
        try:
            super().request(*args, **options)
        finally:
            self._held = None
        # Head and body leave in one packet: one system call less here, and one wake-up less at the server.
        size = sum(map(len, held))
        for piece in held if size > _ONE_PIECE else (b"".join(held),):
            super().send(piece)

    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)

    def connect(self) -> None:
        self.response_class = self._answer_until(self.timeout)  # the answer of a proxy, while tunnelling
        try:
            context = self._trust()
            if context is not None:
                self.ssl_context = context
            super().connect()
        except Exception as error:
            self.close()
            raise NotConnectedError(error) from error
        self._last_used = time.monotonic()

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
        return partial(answer_until, time.monotonic() + timeout)
